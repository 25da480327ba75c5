// A shard's queue of duties without a time (transfer, visibility). New tasks arrive here right after their commit and run at
// once; the stored copies only matter after a crash or when more is waiting than memory may hold. What is done is deleted from
// the store by range, up to the oldest task that is not (I3). History thread.

import { ShardTask } from '#proto/ostinato/persistence/v1';
import type { Logger } from '../../metrics/logger.ts';
import type { ExecutionStore, TaskCategory, TaskKey } from '../../persistence/index.ts';
import { type Clock, endOfTurn } from '../../runtime/clock.ts';
import type { QueueLimits } from './queue-limits.ts';
import { LONGEST_PAUSE_MS, runAgainLater } from './run-again.ts';
import type { TaskExecutor, TaskOutcome } from './task-executor.ts';

interface Entry {
  readonly task: ShardTask;
  done: boolean;
  attempt: number;
}

export interface ImmediateQueueDeps {
  readonly shardId: number;
  readonly category: TaskCategory;
  readonly store: ExecutionStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly execute: TaskExecutor;
  readonly limits: QueueLimits;
}

export class ImmediateQueue {
  private readonly deps: ImmediateQueueDeps;
  /** In order of task id; done ones at the front are dropped, and their places before `head` now and then. */
  private entries: (Entry | undefined)[] = [];
  private head = 0;
  private waiting: Entry[] = [];
  private waitingHead = 0;
  private running = 0;
  private stopped = false;
  /** Tasks from this id on are in the store only; undefined while memory holds all. */
  private readFrom: number | undefined;
  /** Published tasks that were left to the reader, to tell whether one came during a read. */
  private skipped = 0;
  private reading = false;
  /** All tasks below are done and may be deleted. */
  ackLevel: number;

  constructor(deps: ImmediateQueueDeps, ackLevel: number) {
    this.deps = deps;
    this.ackLevel = ackLevel;
  }

  /** Reads back what a previous owner left. Call before any publish. */
  start(): void {
    this.readFrom = this.ackLevel;
    void this.readMore();
  }

  stop(): void {
    this.stopped = true;
  }

  get outstanding(): number {
    return this.entries.length - this.head;
  }

  /** Nothing is outstanding, and nothing is in the store only. */
  get isAtRest(): boolean {
    return this.outstanding === 0 && this.readFrom === undefined;
  }

  isOutstanding(taskId: number): boolean {
    let low = this.head;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] as Entry).task.taskId < taskId) low = middle + 1;
      else high = middle;
    }
    const entry = this.entries[low];
    if (entry?.task.taskId === taskId) return !entry.done;
    return this.readFrom !== undefined && taskId >= this.readFrom;
  }

  /** Whether a task like this is not done yet. True while some are in the store only, where they cannot be looked at. */
  hasOutstanding(matches: (task: ShardTask) => boolean): boolean {
    if (this.readFrom !== undefined) return true;
    for (let i = this.head; i < this.entries.length; i++) {
      const entry = this.entries[i] as Entry;
      if (!entry.done && matches(entry.task)) return true;
    }
    return false;
  }

  /** Tasks of a durable commit, in order of id. */
  publish(task: ShardTask): void {
    if (this.stopped) return;
    if (this.readFrom === undefined && this.outstanding >= this.deps.limits.loaded) this.readFrom = task.taskId;
    if (this.readFrom !== undefined) {
      this.skipped++; // behind others that are in the store only
      return;
    }
    this.add(task);
    this.run();
  }

  private add(task: ShardTask): void {
    const entry: Entry = { task, done: false, attempt: 1 };
    this.entries.push(entry);
    this.waiting.push(entry);
  }

  private run(): void {
    while (this.running < this.deps.limits.running && this.waitingHead < this.waiting.length && !this.stopped) {
      const entry = this.waiting[this.waitingHead++] as Entry;
      if (this.waitingHead === this.waiting.length) {
        this.waiting = [];
        this.waitingHead = 0;
      }
      this.execute(entry);
    }
  }

  private execute(entry: Entry): void {
    this.running++;
    let outcome: TaskOutcome | Promise<TaskOutcome>;
    try {
      outcome = this.deps.execute(entry.task, entry.attempt);
    } catch (error) {
      outcome = Promise.reject(error);
    }
    if (outcome instanceof Promise) {
      outcome.then(
        (result) => this.finished(entry, result),
        (error: Error) => this.failed(entry, error),
      );
    } else {
      this.finished(entry, outcome);
    }
  }

  private finished(entry: Entry, outcome: TaskOutcome): void {
    this.running--;
    if (outcome === undefined) this.complete(entry);
    else outcome.onceDurable(() => this.complete(entry));
    this.run();
  }

  private complete(entry: Entry): void {
    entry.done = true;
    while (this.head < this.entries.length && (this.entries[this.head] as Entry).done) {
      this.ackLevel = (this.entries[this.head] as Entry).task.taskId + 1;
      this.entries[this.head++] = undefined;
    }
    if (this.head > 1024 && this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    if (this.readFrom !== undefined && this.outstanding < this.deps.limits.loaded / 2) void this.readMore();
  }

  /** The task stays outstanding and runs again after a pause. */
  private failed(entry: Entry, error: Error): void {
    this.running--;
    if (this.stopped) return;
    runAgainLater(this.deps, entry, error, 'queue task keeps failing', () => {
      if (this.stopped) return;
      this.waiting.push(entry);
      this.run();
    });
    this.run();
  }

  private async readMore(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      while (!this.stopped && this.readFrom !== undefined && this.outstanding < this.deps.limits.loaded) {
        const from: TaskKey = { fireTimeMs: 0, taskId: this.readFrom };
        const to: TaskKey = { fireTimeMs: 0, taskId: Number.MAX_SAFE_INTEGER };
        const skippedBefore = this.skipped;
        const { shardId, category, store, limits } = this.deps;
        const { batch } = limits;
        const page = await store.readTasks(shardId, category, from, to, batch);
        if (this.stopped) return;
        for (const { data } of page) this.add(ShardTask.decode(data));
        const last = page[page.length - 1];
        if (last !== undefined) this.readFrom = last.taskId + 1;
        // A task committed after the read was left to this reader: then there is one more page to read.
        if (page.length < batch && this.skipped === skippedBefore) {
          this.readFrom = undefined;
        } else {
          this.run();
          // A store that answers at once would have the thread for all that memory may hold.
          await endOfTurn(this.deps.clock);
        }
      }
    } catch (error) {
      this.deps.logger.warn({ err: error, shardId: this.deps.shardId }, 'reading queue tasks failed');
      this.deps.clock.after(LONGEST_PAUSE_MS, () => void this.readMore());
    } finally {
      this.reading = false;
    }
    this.run();
  }
}
