// A shard's duties with a time: user timers, timeouts, retries, backoffs, retention. Those due soon are in a heap in memory, the
// rest is read from the store window by window. A task runs not before its time by the injected clock. History thread.

import { ShardTask } from '#proto/ostinato/persistence/v1';
import type { Logger } from '../../metrics/logger.ts';
import type { ExecutionStore, TaskKey } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import { type Clock, endOfTurn, type TimerHandle } from '../../runtime/clock.ts';
import type { QueueLimits } from './queue-limits.ts';
import { LONGEST_PAUSE_MS, runAgainLater } from './run-again.ts';
import type { TaskExecutor, TaskOutcome } from './task-executor.ts';

/** How far ahead of its time a stored timer is read into memory. */
const WINDOW_MS = 5 * 60_000;
/**
 * Timers in memory per shard; with more, the window ends earlier. Under load most are deadlines of what is over by then: memory in which the
 * collector finds nothing to collect (docs/performance.md, an eighth look).
 */
const MAX_LOADED_TIMERS = 4_000;
/** Beyond the limit the window is looked at again after so many more, should most of them be due at once. */
const SHRINK_EVERY_TIMERS = 1_000;
/** A window is not made shorter than this: what is due so soon stays. */
const MIN_WINDOW_MS = 1_000;

interface Entry {
  readonly fireTimeMs: number;
  readonly taskId: number;
  readonly task: ShardTask;
  /** In memory only (a start not yet written): not part of the acknowledged order. */
  readonly isVolatile: boolean;
  done: boolean;
  attempt: number;
}

export interface TimerQueueDeps {
  readonly shardId: number;
  readonly store: ExecutionStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly execute: TaskExecutor;
  readonly limits: Pick<QueueLimits, 'running' | 'batch'>;
}

export class TimerQueue {
  private readonly deps: TimerQueueDeps;
  /** Binary heap of what is not yet due. */
  private heap: Entry[] = [];
  /** Every stored task in memory that is not done, for the ack level: a heap with lazy removal. */
  private unacknowledged: Entry[] = [];
  private dueQueue: Entry[] = [];
  private dueHead = 0;
  private running = 0;
  private wakeUp: TimerHandle | undefined;
  private wakeUpAtMs = Number.POSITIVE_INFINITY;
  private stopped = false;
  /** Stored tasks at or after this time are not in memory. */
  private loadedUntilMs: number;
  /** Within `loadedUntilMs` itself, tasks from this id on are not in memory (a page may end between equal times). */
  private nextTaskIdAtBoundary = 0;
  private reading = false;
  /** Published during a read, beyond what memory holds so far: the read may have begun before their commit and not show them. */
  private arrived: Entry[] = [];
  /** A read failed: the next one waits. */
  private readingAgain = false;
  private ackKey: TaskKey;
  /** Stored tasks were done since the owner last acknowledged. */
  hasAcknowledged = false;

  constructor(deps: TimerQueueDeps, ackKey: TaskKey) {
    this.deps = deps;
    this.ackKey = ackKey;
    this.loadedUntilMs = ackKey.fireTimeMs;
  }

  start(): void {
    void this.readWindow();
  }

  stop(): void {
    this.stopped = true;
    this.wakeUp?.cancel();
  }

  /** No stored task may be given an earlier time than this: the range below may be deleted already. */
  get ackTimeMs(): number {
    return this.ackKey.fireTimeMs;
  }

  get outstanding(): number {
    return this.heap.length + this.dueQueue.length - this.dueHead + this.running;
  }

  publish(task: ShardTask, fireTimeMs: number): void {
    if (this.stopped) return;
    const size = this.heap.length;
    if (size >= MAX_LOADED_TIMERS && (size - MAX_LOADED_TIMERS) % SHRINK_EVERY_TIMERS === 0) this.shrinkWindow();
    const entry = storedEntry(task, fireTimeMs);
    if (fireTimeMs < this.loadedUntilMs) this.add(entry);
    else if (this.reading) this.arrived.push(entry);
  }

  /** A timeout that exists only as long as memory does. */
  addVolatile(task: ShardTask, fireTimeMs: number): void {
    if (!this.stopped) this.add({ fireTimeMs, taskId: task.taskId, task, isVolatile: true, done: false, attempt: 1 });
  }

  /** The later half of what is stored and not due leaves memory: it is read again when its time comes near. */
  private shrinkWindow(): void {
    if (this.reading) return;
    const times = this.heap.filter(({ isVolatile }) => !isVolatile).map(({ fireTimeMs }) => fireTimeMs);
    const endMs = times.sort((a, b) => a - b)[times.length >> 1];
    if (endMs === undefined || endMs < this.deps.clock.nowMs() + MIN_WINDOW_MS) return;
    const stays = ({ isVolatile, fireTimeMs }: Entry): boolean => isVolatile || fireTimeMs < endMs;
    // Sorted arrays are heaps.
    this.heap = this.heap.filter(stays).sort(compareKeys);
    this.unacknowledged = this.unacknowledged.filter(stays).sort(compareKeys);
    this.loadedUntilMs = endMs;
    this.nextTaskIdAtBoundary = 0;
  }

  private add(entry: Entry): void {
    push(this.heap, entry);
    if (!entry.isVolatile) push(this.unacknowledged, entry);
    this.arm();
  }

  private arm(): void {
    const next = Math.min(this.heap[0]?.fireTimeMs ?? Number.POSITIVE_INFINITY, this.nextReadMs());
    if (next >= this.wakeUpAtMs || this.stopped) return;
    this.wakeUp?.cancel();
    this.wakeUpAtMs = next;
    this.wakeUp = this.deps.clock.after(Math.max(0, next - this.deps.clock.nowMs()), () => this.fire());
  }

  /** The next window is read well before the present one runs out. */
  private nextReadMs(): number {
    if (this.reading || this.readingAgain) return Number.POSITIVE_INFINITY;
    // Too many are due at once: the rest stays in the store until these run.
    if (this.dueQueue.length - this.dueHead >= MAX_LOADED_TIMERS / 2) return Number.POSITIVE_INFINITY;
    // With enough at hand the rest can wait until its turn.
    return this.heap.length >= MAX_LOADED_TIMERS / 2 ? this.loadedUntilMs : this.loadedUntilMs - WINDOW_MS / 2;
  }

  private fire(): void {
    this.wakeUpAtMs = Number.POSITIVE_INFINITY;
    if (this.stopped) return;
    const nowMs = this.deps.clock.nowMs();
    while (this.heap.length !== 0 && (this.heap[0] as Entry).fireTimeMs <= nowMs)
      this.dueQueue.push(pop(this.heap) as Entry);
    this.run();
    if (nowMs >= this.nextReadMs()) void this.readWindow();
    this.arm();
  }

  private run(): void {
    while (this.running < this.deps.limits.running && this.dueHead < this.dueQueue.length && !this.stopped) {
      const entry = this.dueQueue[this.dueHead++] as Entry;
      if (this.dueHead === this.dueQueue.length) {
        this.dueQueue = [];
        this.dueHead = 0;
      }
      this.running++;
      let outcome: TaskOutcome | Promise<TaskOutcome>;
      try {
        outcome = this.deps.execute(entry.task, entry.attempt);
      } catch (error) {
        outcome = Promise.reject(error);
      }
      if (outcome instanceof Promise) {
        outcome.then(
          () => this.finished(entry),
          (error: Error) => this.failed(entry, error),
        );
      } else {
        this.finished(entry);
      }
    }
    if (this.dueQueue.length === 0) this.arm();
  }

  private finished(entry: Entry): void {
    this.running--;
    entry.done = true;
    if (!entry.isVolatile) this.hasAcknowledged = true;
    this.run();
  }

  private failed(entry: Entry, error: Error): void {
    this.running--;
    if (this.stopped) return;
    runAgainLater(this.deps, entry, error, 'timer task keeps failing', () => {
      this.dueQueue.push(entry);
      this.run();
    });
    this.run();
  }

  /** Everything below is done and may be deleted. */
  ackLevelBelow(inFlightFromMs: number): TaskKey {
    while (this.unacknowledged.length !== 0 && (this.unacknowledged[0] as Entry).done) pop(this.unacknowledged);
    const oldest = this.unacknowledged[0];
    // The level follows the clock, never past it: a timer that is set tomorrow may be due before one that waits today. Nor does it
    // go into a window that is not read yet.
    const nowMs = Math.floor(Math.min(this.deps.clock.nowMs(), this.loadedUntilMs, inFlightFromMs));
    const now: TaskKey = { fireTimeMs: nowMs, taskId: 0 };
    const isLater = oldest === undefined || compareKeys(now, oldest) < 0;
    const next = isLater ? now : { fireTimeMs: oldest.fireTimeMs, taskId: oldest.taskId };
    if (compareKeys(next, this.ackKey) > 0) this.ackKey = next;
    return this.ackKey;
  }

  private async readWindow(): Promise<void> {
    if (this.reading || this.stopped) return;
    this.reading = true;
    try {
      const target = Math.ceil(Math.max(this.deps.clock.nowMs(), this.loadedUntilMs)) + WINDOW_MS;
      for (;;) {
        const from: TaskKey = { fireTimeMs: this.loadedUntilMs, taskId: this.nextTaskIdAtBoundary };
        const { shardId, store, limits } = this.deps;
        const { batch } = limits;
        const until: TaskKey = { fireTimeMs: target, taskId: 0 };
        const page = await store.readTasks(shardId, TaskCategory.TIMER, from, until, batch);
        if (this.stopped) return;
        const isLast = page.length < batch;
        const last = page[page.length - 1];
        if (isLast || last === undefined) this.loadUpTo({ fireTimeMs: target, taskId: 0 });
        else this.loadUpTo({ fireTimeMs: last.fireTimeMs, taskId: last.taskId + 1 });
        for (const { fireTimeMs, data } of page) this.add(storedEntry(ShardTask.decode(data), fireTimeMs));
        this.addArrived(new Set(page.map(({ taskId }) => taskId)));
        if (isLast || this.outstanding >= MAX_LOADED_TIMERS) break;
        // A store that answers at once would have the thread for the whole window.
        await endOfTurn(this.deps.clock);
        if (this.stopped) return;
      }
    } catch (error) {
      this.deps.logger.warn({ err: error, shardId: this.deps.shardId }, 'reading timer tasks failed');
      this.readingAgain = true;
      this.deps.clock.after(LONGEST_PAUSE_MS, () => {
        this.readingAgain = false;
        void this.readWindow();
      });
    } finally {
      this.reading = false;
      this.arrived = []; // the rest is read when its time comes near
      this.arm();
    }
  }

  private loadUpTo({ fireTimeMs, taskId }: TaskKey): void {
    this.loadedUntilMs = fireTimeMs;
    this.nextTaskIdAtBoundary = taskId;
  }

  /** Those that came while the page was read and belong where it was read, but for those it has. */
  private addArrived(inPage: ReadonlySet<number>): void {
    const boundary: TaskKey = { fireTimeMs: this.loadedUntilMs, taskId: this.nextTaskIdAtBoundary };
    const beyond: Entry[] = [];
    for (const entry of this.arrived) {
      if (compareKeys(entry, boundary) >= 0) beyond.push(entry);
      else if (!inPage.has(entry.taskId)) this.add(entry);
    }
    this.arrived = beyond;
  }
}

function storedEntry(task: ShardTask, fireTimeMs: number): Entry {
  return { fireTimeMs, taskId: task.taskId, task, isVolatile: false, done: false, attempt: 1 };
}

function compareKeys(a: TaskKey, b: TaskKey): number {
  return a.fireTimeMs - b.fireTimeMs || a.taskId - b.taskId;
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.push(entry) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (compareKeys(heap[parent] as Entry, entry) <= 0) break;
    heap[index] = heap[parent] as Entry;
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = index * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && compareKeys(heap[child + 1] as Entry, heap[child] as Entry) < 0) child++;
    if (compareKeys(heap[child] as Entry, last) >= 0) break;
    heap[index] = heap[child] as Entry;
    index = child;
  }
  heap[index] = last;
  return top;
}
