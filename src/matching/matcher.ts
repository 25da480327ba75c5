// Brings waiting polls and waiting tasks of one partition together: the oldest poll gets the first task of the highest
// priority that the rate limit lets go. Synchronous; what happens to a pair is the business of `start`. Matching thread.

import type { Clock, TimerHandle } from '../runtime/clock.ts';
import { MAX_STARTED_TASKS } from './limits.ts';
import type { PartitionOffers } from './partition-offers.ts';
import { EMPTY_POLL_RESPONSE, type Poll, PollQueue } from './poll.ts';
import { DEFAULT_LEVEL, PRIORITY_LEVELS } from './priority.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Matchable, QueryTask, StartedTask, Task } from './task.ts';
import { TaskFifo } from './task-fifo.ts';

export interface MatcherOwner {
  /** The pair belongs to the owner from here on. */
  start(task: Matchable, poll: Poll): void;
  /** The task's time was over before a poll came. */
  expired(task: Task): void;
  /** Undefined if the partition offers no polls to history threads. */
  readonly offers: PartitionOffers | undefined;
}

export class Matcher {
  readonly polls = new PollQueue();
  /** By level; index 0 is unused. */
  readonly #levels: TaskFifo[] = Array.from({ length: PRIORITY_LEVELS + 1 }, () => new TaskFifo());
  readonly #queries = new TaskFifo();
  /** Before everything else: their time is running. */
  readonly #started = new TaskFifo();
  #waiting = 0;
  #rateTimer: TimerHandle | undefined;
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #owner: MatcherOwner;

  constructor(clock: Clock, limiter: RateLimiter, owner: MatcherOwner) {
    this.#clock = clock;
    this.#limiter = limiter;
    this.#owner = owner;
  }

  /** Tasks and queries that wait for a poll. */
  get waiting(): number {
    return this.#waiting;
  }

  get waitingQueries(): number {
    return this.#queries.size;
  }

  addPoll(poll: Poll): void {
    this.polls.push(poll);
    this.#parked(poll);
  }

  /** A poll that was taken for a task it did not get. */
  returnPoll(poll: Poll): void {
    this.polls.pushFirst(poll);
    this.#parked(poll);
  }

  /** A history thread had claimed it and has no task for it after all. */
  claimReturned(poll: Poll): void {
    if (poll.queue === this.polls) this.#parked(poll);
  }

  /**
   * The poll for a task that just arrived, if there is one right now and nothing goes before the task. The task then counts
   * against the rate limit unless it is forwarded: its own partition counted it.
   */
  takePoll(task: Task): Poll | undefined {
    if (this.polls.size === 0) return undefined;
    if (this.#waiting > 0 && this.#somethingBefore(task.level)) return undefined;
    const nowMs = this.#clock.nowMs();
    if (this.#limiter.delayMs(nowMs) > 0) return undefined;
    const poll = this.#takeFirstPoll();
    if (poll !== undefined && !task.forwarded) this.#limiter.consume(nowMs);
    return poll;
  }

  addTask(task: Task): void {
    this.#levels[task.level]!.push(task);
    this.#waiting++;
    if (this.polls.size > 0) this.match();
  }

  /** A task that could not be started goes back to its place. */
  returnTask(task: Task): void {
    this.#levels[task.level]!.insert(task.taskId, task);
    this.#waiting++;
    if (this.polls.size > 0) this.match();
  }

  /** False when too many are held already. */
  addStarted(task: StartedTask): boolean {
    if (this.#started.size >= MAX_STARTED_TASKS) return false;
    this.#started.push(task);
    this.#waiting++;
    if (this.polls.size > 0) this.match();
    return true;
  }

  hasQuery(query: QueryTask): boolean {
    for (const waiting of this.#queries) if (waiting === query) return true;
    return false;
  }

  addQuery(query: QueryTask): void {
    this.#queries.push(query);
    this.#waiting++;
    if (this.polls.size > 0) this.match();
  }

  /** Takes waiting tasks away: expired, cancelled, or all of them when the partition unloads. */
  removeTasks(matches: (task: Matchable) => boolean): Matchable[] {
    const removed = this.#queries.removeIf(matches);
    if (this.#started.size > 0) removed.push(...this.#started.removeIf(matches));
    for (const level of this.#levels) if (level.size > 0) removed.push(...level.removeIf(matches));
    this.#waiting -= removed.length;
    return removed;
  }

  /** The task that a poll would get now; for forwarding. What is started already stays. */
  takeFirstTask(): Task | QueryTask | undefined {
    const fifo = this.#firstFifo(this.#clock.nowMs());
    const first = fifo?.peek();
    if (first === undefined || first.kind === 'started') return undefined;
    this.#waiting--;
    fifo?.shift();
    return first;
  }

  match(): void {
    while (this.#waiting > 0) {
      if (!this.#hasLivePoll()) break;
      const nowMs = this.#clock.nowMs();
      const fifo = this.#firstFifo(nowMs);
      if (fifo === undefined) break;
      const delayMs = this.#limiter.delayMs(nowMs);
      if (delayMs > 0) {
        this.#matchAfter(delayMs);
        return;
      }
      const poll = this.#takeFirstPoll();
      if (poll === undefined) break;
      const task = fifo.shift()!;
      this.#waiting--;
      if (!task.forwarded) this.#limiter.consume(nowMs);
      this.#owner.start(task, poll);
    }
    this.#rateTimer?.cancel();
    this.#rateTimer = undefined;
  }

  /** After a change of the rate: the timer may be set for the old one. */
  rateChanged(): void {
    this.#rateTimer?.cancel();
    this.#rateTimer = undefined;
    if (this.#waiting > 0 && this.polls.size > 0) this.match();
    this.#owner.offers?.rateChanged(this.polls);
  }

  stop(): void {
    this.#rateTimer?.cancel();
    this.#rateTimer = undefined;
  }

  #matchAfter(delayMs: number): void {
    this.#rateTimer?.cancel();
    this.#rateTimer = undefined;
    if (delayMs === Number.POSITIVE_INFINITY) return;
    // Whole milliseconds: a fraction may vanish in the sum with the present time, and the timer fire at once for ever.
    this.#rateTimer = this.#clock.after(Math.ceil(delayMs), () => {
      this.#rateTimer = undefined;
      this.match();
    });
  }

  #parked(poll: Poll): void {
    if (this.#waiting > 0) this.match();
    if (poll.queue === this.polls) this.#owner.offers?.parked(poll);
  }

  #hasLivePoll(): boolean {
    for (let poll = this.polls.first; poll !== undefined; poll = this.polls.first) {
      if (!poll.gone) return true;
      poll.answer(EMPTY_POLL_RESPONSE);
    }
    return false;
  }

  /** Out of the queue. Polls that history threads have claimed are passed by: they stay until their task comes. */
  #takeFirstPoll(): Poll | undefined {
    const { offers } = this.#owner;
    for (const poll of this.polls) {
      if (poll.gone) {
        poll.answer(EMPTY_POLL_RESPONSE);
      } else if (offers === undefined || offers.take(poll)) {
        this.polls.remove(poll);
        return poll;
      }
    }
    return undefined;
  }

  /** The queue that holds the next task; what has expired at its head is taken out on the way. */
  #firstFifo(nowMs: number): TaskFifo | undefined {
    for (let task = this.#started.peek(); task !== undefined; task = this.#started.peek()) {
      if (task.expiresAtMs > nowMs) return this.#started;
      this.#started.shift();
      this.#waiting--;
    }
    for (let level = 1; level <= PRIORITY_LEVELS; level++) {
      if (level === DEFAULT_LEVEL && this.#queries.size > 0) return this.#queries;
      const fifo = this.#levels[level]!;
      for (let task = fifo.peek(); task !== undefined; task = fifo.peek()) {
        if (task.expiresAtMs > nowMs) return fifo;
        fifo.shift();
        this.#waiting--;
        this.#owner.expired(task as Task);
      }
    }
    return undefined;
  }

  #somethingBefore(level: number): boolean {
    for (let before = 1; before <= level; before++) if (this.#levels[before]!.size > 0) return true;
    return level >= DEFAULT_LEVEL && this.#queries.size > 0;
  }
}
