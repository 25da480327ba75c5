// Makes tasks durable: everything that one turn appends to any queue goes into one store commit, and while that is in flight
// the next one accumulates. Deletions of done tasks ride along. One per matching thread.

import type { MaybePromise } from '../base/maybe-promise.ts';
import { TaskQueueFencedError } from '../persistence/store-errors.ts';
import type { BacklogTask, TaskQueueCommit, TaskQueueStore } from '../persistence/task-queue-store.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Backlog } from './backlog.ts';
import { MAX_TASKS_PER_COMMIT } from './limits.ts';
import { encodeTask, type Task } from './task.ts';

/** What the writer needs to know of the partition that a backlog belongs to. */
export interface BacklogPartition {
  /** The backlog with the partition's own row; the others belong to further priority levels. */
  readonly root: Backlog | undefined;
  /** The row of `root` has to be written before or together with the next append. */
  infoChanged: boolean;
  encodeInfo(backlog: Backlog): Uint8Array;
  /** The tasks are durable. */
  appended(backlog: Backlog, tasks: readonly Task[]): void;
  appendFailed(backlog: Backlog, tasks: readonly Task[], error: unknown): void;
  /** The partition's row is durable as it was when the commit was put together. */
  infoWritten(): void;
  infoFailed(error: unknown): void;
  /** Done tasks are still in the store. */
  deletable(backlog: Backlog): void;
  /** Another owner has taken the queue. */
  fenced(): void;
}

interface Entry {
  readonly partition: BacklogPartition;
  readonly backlog: Backlog;
  tasks: Task[];
}

interface Part {
  readonly partition: BacklogPartition;
  readonly backlog: Backlog;
  readonly tasks: Task[];
  readonly commit: TaskQueueCommit;
}

export class BacklogWriter {
  #pending = new Map<Backlog, Entry>();
  #dirty = new Map<Backlog, BacklogPartition>();
  #scheduled = false;
  #inFlight = false;
  /** Commits and renewals done so far. */
  #round = 0;
  #waiters: { readonly round: number; resolve(): void }[] = [];
  readonly #store: TaskQueueStore;
  readonly #clock: Clock;
  readonly #onCommit: (durationMs: number, tasks: number) => void;

  constructor(store: TaskQueueStore, clock: Clock, onCommit: (durationMs: number, tasks: number) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onCommit = onCommit;
  }

  append(partition: BacklogPartition, backlog: Backlog, task: Task): void {
    const entry = this.#pending.get(backlog);
    if (entry === undefined) this.#pending.set(backlog, { partition, backlog, tasks: [task] });
    else entry.tasks.push(task);
    this.#schedule();
  }

  /** Writes the backlog's row, and deletes what is done, with the next commit. */
  touch(partition: BacklogPartition, backlog: Backlog): void {
    this.#dirty.set(backlog, partition);
    this.#schedule();
  }

  /** Tasks of this backlog that are on their way to the store. */
  pending(backlog: Backlog): number {
    return this.#pending.get(backlog)?.tasks.length ?? 0;
  }

  /** Resolves when everything handed over until now is done with, whatever comes after it. */
  settled(): MaybePromise<void> {
    if (!this.#inFlight && this.#pending.size === 0 && this.#dirty.size === 0) return;
    let tasks = 0;
    for (const entry of this.#pending.values()) tasks += entry.tasks.length;
    // One that is in flight, one or more for the tasks, one for what is only touched; renewals of leases count as well.
    const rounds = 3 + 2 * Math.ceil(tasks / MAX_TASKS_PER_COMMIT);
    return new Promise((resolve) => this.#waiters.push({ round: this.#round + rounds, resolve }));
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return;
    this.#scheduled = true;
    this.#clock.defer(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#inFlight) return;
    const idle = this.#pending.size === 0 && this.#dirty.size === 0;
    if (this.#waiters.length > 0) this.#wake(idle);
    if (idle) return;
    const exhausted = [...this.#pending.values()].filter(({ backlog, tasks }) => backlog.idsLeft < tasks.length);
    if (exhausted.length > 0) {
      this.#inFlight = true;
      this.#settle(this.#renew(exhausted));
      return;
    }
    const parts = this.#collect();
    this.#inFlight = true;
    this.#settle(this.#commit(parts));
  }

  #settle(work: MaybePromise<void>): void {
    const next = (): void => {
      this.#inFlight = false;
      this.#round++;
      this.#flush();
    };
    if (work instanceof Promise) void work.then(next);
    else next();
  }

  #wake(idle: boolean): void {
    const due = this.#waiters.filter(({ round }) => idle || round <= this.#round);
    this.#waiters = this.#waiters.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
  }

  /** New blocks of ids for queues that have used up theirs. Nothing is in flight meanwhile, so nobody is fenced by it. */
  async #renew(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      const { backlog, partition } = entry;
      try {
        const { rangeId } = await this.#store.lease(backlog.key, namespaceIdOf(backlog.key));
        // Somebody else had it in between: what they wrote is unknown here.
        if (rangeId !== backlog.rangeId + 1)
          throw new TaskQueueFencedError(`${backlog.key} was leased by another owner`);
        backlog.renewed(rangeId);
      } catch (error) {
        const tasks = entry.tasks;
        this.#pending.delete(backlog);
        partition.appendFailed(backlog, tasks, error);
        if (error instanceof TaskQueueFencedError) partition.fenced();
      }
    }
  }

  /** Takes what goes into the next commit and gives the tasks their ids. */
  #collect(): Part[] {
    const parts: Part[] = [];
    let room = MAX_TASKS_PER_COMMIT;
    // The row that names a priority level must not come later than the level's first task.
    for (const { partition } of this.#pending.values()) {
      if (partition.infoChanged && partition.root !== undefined) this.#dirty.set(partition.root, partition);
    }
    for (const entry of this.#pending.values()) {
      if (room === 0) break;
      const { partition, backlog } = entry;
      let tasks = entry.tasks;
      if (tasks.length > room) {
        entry.tasks = tasks.slice(room);
        tasks = tasks.slice(0, room);
      } else {
        this.#pending.delete(backlog);
      }
      room -= tasks.length;
      const append = tasks.map((task): BacklogTask => {
        task.taskId = backlog.nextTaskId();
        task.backlog = backlog;
        return { taskId: task.taskId, data: encodeTask(task) };
      });
      parts.push({ partition, backlog, tasks, commit: this.#describe(partition, backlog, append) });
    }
    for (const [backlog, partition] of this.#dirty) {
      parts.push({ partition, backlog, tasks: [], commit: this.#describe(partition, backlog, []) });
    }
    this.#dirty.clear();
    return parts;
  }

  #describe(partition: BacklogPartition, backlog: Backlog, append: BacklogTask[]): TaskQueueCommit {
    const touched = this.#dirty.delete(backlog);
    if (!touched && append.length > 0) return { key: backlog.key, rangeId: backlog.rangeId, append };
    if (backlog === partition.root) partition.infoChanged = false;
    return {
      key: backlog.key,
      rangeId: backlog.rangeId,
      append,
      deleteUpTo: backlog.deletableUpTo,
      info: partition.encodeInfo(backlog),
    };
  }

  #commit(parts: readonly Part[]): MaybePromise<void> {
    const startedMs = this.#clock.nowMs();
    let result: MaybePromise<void>;
    try {
      result = this.#store.commit(parts.map((part) => part.commit));
    } catch (error) {
      return this.#failed(parts, error);
    }
    if (result instanceof Promise) {
      return result.then(
        () => this.#committed(parts, startedMs),
        (error: unknown) => this.#failed(parts, error),
      );
    }
    this.#committed(parts, startedMs);
  }

  #committed(parts: readonly Part[], startedMs: number): void {
    let tasks = 0;
    for (const part of parts) {
      tasks += part.tasks.length;
      if (part.commit.deleteUpTo !== undefined) part.backlog.deleted(part.commit.deleteUpTo);
      if (part.commit.info !== undefined && part.backlog === part.partition.root) part.partition.infoWritten();
      if (part.tasks.length > 0) part.partition.appended(part.backlog, part.tasks);
    }
    this.#onCommit(this.#clock.nowMs() - startedMs, tasks);
  }

  #failed(parts: readonly Part[], error: unknown): MaybePromise<void> {
    const partitions = new Set(parts.map((part) => part.partition));
    // A batch fails as a whole and does not say whose lease is gone: each partition tries for itself.
    if (error instanceof TaskQueueFencedError && partitions.size > 1) return this.#commitEach(partitions, parts);
    for (const part of parts) {
      if (part.commit.info !== undefined && part.backlog === part.partition.root) {
        part.partition.infoChanged = true;
        part.partition.infoFailed(error);
      }
      if (part.commit.deleteUpTo !== undefined) part.partition.deletable(part.backlog);
      if (part.tasks.length === 0) continue;
      if (!(error instanceof TaskQueueFencedError)) part.backlog.uncertain(part.tasks[part.tasks.length - 1]!.taskId);
      part.partition.appendFailed(part.backlog, part.tasks, error);
    }
    if (error instanceof TaskQueueFencedError) for (const partition of partitions) partition.fenced();
  }

  async #commitEach(partitions: ReadonlySet<BacklogPartition>, parts: readonly Part[]): Promise<void> {
    for (const partition of partitions) await this.#commit(parts.filter((part) => part.partition === partition));
  }
}

/** A key begins with the namespace's id: partitionKey() of src/runtime. */
function namespaceIdOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}
