// The backlogs of one partition: one per priority level that ever had a task, the default level's always. Leases them, makes
// new ones when a level gets its first task, and tells the partition what to offer. Matching thread.

import { PersistedTaskQueue } from '#proto/ostinato/matching/v1';
import { ResourceExhaustedCause } from '#proto/temporal/api/enums/v1';
import { type MaybePromise, whenReady } from '../base/maybe-promise.ts';
import { TaskQueueFencedError } from '../persistence/store-errors.ts';
import { resourceExhausted, unavailable } from '../proto/service-errors.ts';
import type { TimerHandle } from '../runtime/clock.ts';
import { Backlog, type BacklogOwner } from './backlog.ts';
import type { BacklogPartition } from './backlog-writer.ts';
import type { MatchingEnvironment } from './environment.ts';
import type { PartitionMetrics } from './metrics.ts';
import type { SettingReader } from './partition-settings.ts';
import { DEFAULT_LEVEL } from './priority.ts';
import {
  GET_TASKS_BATCH_SIZE,
  GET_TASKS_RELOAD_AT,
  MAX_TASK_DELETE_BATCH_SIZE,
  OUTSTANDING_TASK_APPENDS_THRESHOLD,
  TASK_DELETE_INTERVAL,
} from './settings.ts';
import type { Task } from './task.ts';

/** The partition, as its backlogs see it. */
export interface BacklogsOwner {
  readonly key: string;
  readonly namespaceId: string;
  readonly settings: SettingReader;
  readonly metrics: PartitionMetrics;
  /** Offer the task to polls. */
  offer(task: Task): void;
  expired(task: Task): void;
  /** The task is durable: its AddTask call may be answered. */
  stored(task: Task): void;
  storeFailed(task: Task, error: Error): void;
  /** Somebody else owns the partition. */
  fenced(): void;
  /** What the partition's row says about itself. */
  describe(): { readonly partition: PersistedTaskQueueInit['partition']; readonly config: Uint8Array };
}
type PersistedTaskQueueInit = Parameters<typeof PersistedTaskQueue.encode>[0];

export class Backlogs implements BacklogOwner, BacklogPartition {
  readonly #owner: BacklogsOwner;
  readonly #environment: MatchingEnvironment;
  /** By level. */
  readonly #byLevel = new Map<number, Backlog>();
  /** Levels whose lease is on its way, with the tasks that wait for it. */
  readonly #opening = new Map<number, Task[]>();
  #appending = 0;
  #deleteTimer: TimerHandle | undefined;
  #closed = false;
  #infoWaiters: { resolve(): void; reject(error: Error): void }[] = [];
  infoChanged = false;

  constructor(owner: BacklogsOwner, environment: MatchingEnvironment) {
    this.#owner = owner;
    this.#environment = environment;
  }

  /** Takes the partition over and returns what its row holds. Reading begins with startReading. */
  open(): MaybePromise<Uint8Array> {
    return whenReady(this.#lease(this.#owner.key, DEFAULT_LEVEL), (info) => {
      const levels = info?.priorityLevels ?? [];
      return whenReady(this.#openLevels(levels, 0), () => info?.config ?? new Uint8Array(0));
    });
  }

  startReading(): void {
    for (const backlog of this.#byLevel.values()) backlog.readIfLow();
  }

  get root(): Backlog | undefined {
    return this.#byLevel.get(DEFAULT_LEVEL);
  }

  get batchSize(): number {
    return this.#owner.settings(GET_TASKS_BATCH_SIZE);
  }

  get reloadAt(): number {
    return this.#owner.settings(GET_TASKS_RELOAD_AT);
  }

  /** Tasks that are durable and not done. */
  get count(): number {
    let count = 0;
    for (const backlog of this.#byLevel.values()) count += backlog.count;
    return count;
  }

  get oldestCreatedMs(): number | undefined {
    let oldest: number | undefined;
    for (const backlog of this.#byLevel.values()) {
      const created = backlog.oldestCreatedMs;
      if (created !== undefined && (oldest === undefined || created < oldest)) oldest = created;
    }
    return oldest;
  }

  ofLevel(level: number): Backlog | undefined {
    return this.#byLevel.get(level);
  }

  levels(): IterableIterator<[number, Backlog]> {
    return this.#byLevel.entries();
  }

  /** Nothing is on its way to the store and nothing in it. */
  get empty(): boolean {
    return this.#appending === 0 && this.count === 0;
  }

  get appending(): number {
    return this.#appending;
  }

  append(task: Task): void {
    if (this.#closed) {
      this.#owner.storeFailed(task, unavailable('task queue is unloading'));
      return;
    }
    if (this.#appending >= this.#owner.settings(OUTSTANDING_TASK_APPENDS_THRESHOLD)) {
      this.#owner.metrics.syncThrottle.add();
      const cause = ResourceExhaustedCause.SYSTEM_OVERLOADED;
      this.#owner.storeFailed(task, resourceExhausted('Too many outstanding appends to the task queue', cause));
      return;
    }
    this.#appending++;
    const backlog = this.#byLevel.get(task.level);
    if (backlog !== undefined) this.#environment.writer.append(this, backlog, task);
    else this.#openLevelFor(task);
  }

  /** Writes the partition's row now. Rejects when that is not certain. */
  saveInfo(): Promise<void> {
    const root = this.root;
    if (root === undefined || this.#closed) return Promise.reject(unavailable('task queue is unloading'));
    return new Promise((resolve, reject) => {
      this.#infoWaiters.push({ resolve, reject });
      this.#environment.writer.touch(this, root);
    });
  }

  /** Ends reading and timers; what can still be deleted is. */
  close(final: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deleteTimer?.cancel();
    this.#deleteTimer = undefined;
    for (const backlog of this.#byLevel.values()) {
      backlog.close();
      if (final && backlog.deletableUpTo !== undefined) this.#environment.writer.touch(this, backlog);
    }
  }

  // BacklogOwner

  offer(task: Task): void {
    this.#owner.offer(task);
  }

  expired(task: Task): void {
    this.#owner.expired(task);
  }

  readFailed(error: unknown): void {
    if (error instanceof TaskQueueFencedError) {
      this.fenced();
      return;
    }
    this.#environment.logger.error({ err: error, taskQueue: this.#owner.key }, 'cannot read the backlog, trying again');
  }

  deletable(backlog: Backlog): void {
    if (this.#closed) return;
    if (backlog.ackedSinceRequest >= this.#owner.settings(MAX_TASK_DELETE_BATCH_SIZE)) {
      backlog.deleteRequested();
      this.#environment.writer.touch(this, backlog);
      return;
    }
    this.#deleteTimer ??= this.#environment.clock.after(this.#owner.settings(TASK_DELETE_INTERVAL), () => {
      this.#deleteTimer = undefined;
      for (const each of this.#byLevel.values()) {
        if (each.deletableUpTo === undefined) continue;
        each.deleteRequested();
        this.#environment.writer.touch(this, each);
      }
    });
  }

  // BacklogPartition

  encodeInfo(backlog: Backlog): Uint8Array {
    const { partition, config } = this.#owner.describe();
    const isRoot = backlog.level === DEFAULT_LEVEL;
    return PersistedTaskQueue.encode({
      partition,
      rangeId: backlog.rangeId,
      ackLevel: backlog.ackLevel,
      lastUpdateTime: this.#environment.clock.nowMs(),
      approximateBacklogCount: backlog.count,
      config: isRoot ? config : undefined,
      priorityLevels: isRoot ? [...this.#byLevel.keys()].filter((level) => level !== DEFAULT_LEVEL) : [],
    });
  }

  appended(backlog: Backlog, tasks: readonly Task[]): void {
    this.#appending -= tasks.length;
    if (!this.#closed) backlog.committed(tasks);
    for (const task of tasks) this.#owner.stored(task);
  }

  appendFailed(_backlog: Backlog, tasks: readonly Task[], error: unknown): void {
    this.#appending -= tasks.length;
    const failure = unavailable('task queue could not store the task');
    failure.cause = error;
    for (const task of tasks) this.#owner.storeFailed(task, failure);
  }

  infoWritten(): void {
    for (const waiter of this.#infoWaiters.splice(0)) waiter.resolve();
  }

  infoFailed(error: unknown): void {
    const failure = unavailable('task queue could not be updated');
    failure.cause = error;
    for (const waiter of this.#infoWaiters.splice(0)) waiter.reject(failure);
  }

  fenced(): void {
    if (this.#closed) return;
    this.#owner.metrics.conditionFailed.add();
    this.#owner.fenced();
  }

  #openLevels(levels: readonly number[], from: number): MaybePromise<void> {
    const level = levels[from];
    if (level === undefined) return;
    return whenReady(this.#lease(levelKey(this.#owner.key, level), level), () => this.#openLevels(levels, from + 1));
  }

  #openLevelFor(task: Task): void {
    const waiting = this.#opening.get(task.level);
    if (waiting !== undefined) {
      waiting.push(task);
      return;
    }
    const tasks = [task];
    this.#opening.set(task.level, tasks);
    const opened = (): void => {
      this.#opening.delete(task.level);
      const backlog = this.#byLevel.get(task.level);
      this.infoChanged = true;
      for (const each of tasks) {
        if (backlog !== undefined && !this.#closed) this.#environment.writer.append(this, backlog, each);
        else this.#refuse(each, new Error('task queue is unloading'));
      }
    };
    const failed = (error: unknown): void => {
      this.#opening.delete(task.level);
      for (const each of tasks) this.#refuse(each, error);
    };
    try {
      const lease = this.#lease(levelKey(this.#owner.key, task.level), task.level);
      if (lease instanceof Promise) lease.then(opened, failed);
      else opened();
    } catch (error) {
      failed(error);
    }
  }

  #refuse(task: Task, error: unknown): void {
    this.#appending--;
    const failure = unavailable('task queue could not store the task');
    failure.cause = error;
    this.#owner.storeFailed(task, failure);
  }

  #lease(key: string, level: number): MaybePromise<PersistedTaskQueue | undefined> {
    const { store, clock } = this.#environment;
    this.#owner.metrics.leaseRequests.add();
    return whenReady(store.lease(key, this.#owner.namespaceId), (lease) => {
      const info = lease.info === undefined ? undefined : PersistedTaskQueue.decode(lease.info);
      const ackLevel = info?.ackLevel ?? 0;
      return whenReady(store.count(key, ackLevel), (count) => {
        const backlog = new Backlog({ key, level, rangeId: lease.rangeId, ackLevel, count }, { store, clock }, this);
        this.#byLevel.set(level, backlog);
        return info;
      });
    });
  }
}

/** Store key of a further level. No partition's own key ends like this: those end in a colon and a digit. */
function levelKey(key: string, level: number): string {
  return `${key}:p${level}`;
}
