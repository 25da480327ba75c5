// The durable tasks of one partition and priority level: which ids are in the store, which of them are in memory, which are
// done. Reads the store when memory runs low. The writer appends and deletes. Matching thread.
//
//   deleted      acked            read               durable          block end
//  ----|-----------|----------------|--------------------|------------------|
//      | done,     | in `#outstanding`, some of them     | only in          | ids of this
//      | to delete | done already   |                    | the store        | lease

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { BacklogTask, TaskQueueStore } from '../persistence/task-queue-store.ts';
import type { Clock, TimerHandle } from '../runtime/clock.ts';
import { MAX_REMEMBERED_ATTEMPTS, STORE_BACKOFF_FIRST_MS, STORE_BACKOFF_MAX_MS, TASK_ID_BLOCK_SIZE } from './limits.ts';
import { type Task, taskFromStore } from './task.ts';

/** The partition a backlog belongs to, as the backlog sees it. */
export interface BacklogOwner {
  /** The task is durable and in memory: offer it to polls. */
  offer(task: Task): void;
  /** The task expired before it was offered; it is acknowledged. */
  expired(task: Task): void;
  /** The store refused a read because someone else owns the queue now, or this build cannot read what is stored. */
  readFailed(error: unknown): void;
  /** Done tasks wait to be deleted. */
  deletable(backlog: Backlog): void;
  readonly batchSize: number;
  readonly reloadAt: number;
}

/** Done tasks at the front of `#outstanding` are cut off once there are this many: amortised constant time. */
const MIN_CUT = 256;

export class Backlog {
  readonly key: string;
  readonly level: number;
  rangeId: number;
  /** Tasks that are durable and not done; exact as soon as everything was read once, counted by the store before. */
  count: number;
  #nextTaskId: number;
  #readLevel: number;
  #ackLevel: number;
  #durableLevel: number;
  #deletedLevel: number;
  #requestedLevel: number;
  /** Tasks read and not yet below the ack level, by id; `#head` is the first. */
  #outstanding: Task[] = [];
  #head = 0;
  /** Of those, the ones that are not done. */
  #loaded = 0;
  /** Tasks that are only in the store and that history was asked to start before, by id. */
  readonly #attempted = new Map<number, { readonly requestId: string; readonly attempts: number }>();
  #reading = false;
  #closed = false;
  #retryTimer: TimerHandle | undefined;
  #retryMs = STORE_BACKOFF_FIRST_MS;
  readonly #store: TaskQueueStore;
  readonly #clock: Clock;
  readonly #owner: BacklogOwner;

  constructor(
    lease: {
      readonly key: string;
      readonly level: number;
      readonly rangeId: number;
      readonly ackLevel: number;
      readonly count: number;
    },
    environment: { readonly store: TaskQueueStore; readonly clock: Clock },
    owner: BacklogOwner,
  ) {
    this.key = lease.key;
    this.level = lease.level;
    this.rangeId = lease.rangeId;
    this.count = lease.count;
    this.#store = environment.store;
    this.#clock = environment.clock;
    this.#owner = owner;
    const blockStart = (lease.rangeId - 1) * TASK_ID_BLOCK_SIZE + 1;
    this.#nextTaskId = blockStart;
    this.#readLevel = lease.ackLevel;
    this.#ackLevel = lease.ackLevel;
    this.#deletedLevel = lease.ackLevel;
    this.#requestedLevel = lease.ackLevel;
    // Whatever earlier owners wrote lies below this lease's block.
    this.#durableLevel = lease.count > 0 ? blockStart - 1 : lease.ackLevel;
  }

  get readLevel(): number {
    return this.#readLevel;
  }

  get ackLevel(): number {
    return this.#ackLevel;
  }

  get loaded(): number {
    return this.#loaded;
  }

  get idBlock(): { readonly startId: number; readonly endId: number } {
    return { startId: (this.rangeId - 1) * TASK_ID_BLOCK_SIZE + 1, endId: this.rangeId * TASK_ID_BLOCK_SIZE };
  }

  /** When the oldest task in memory was created. Ids rise with time, so that is the first one not done. */
  get oldestCreatedMs(): number | undefined {
    for (let i = this.#head; i < this.#outstanding.length; i++) {
      const task = this.#outstanding[i]!;
      if (!task.acked) return task.createdMs;
    }
    return undefined;
  }

  /** Something is done and still in the store. */
  get deletableUpTo(): number | undefined {
    return this.#ackLevel > this.#deletedLevel ? this.#ackLevel : undefined;
  }

  /** How many tasks were done since a deletion was last asked for, at most: ids that were never stored count too. */
  get ackedSinceRequest(): number {
    return this.#ackLevel - this.#requestedLevel;
  }

  deleteRequested(): void {
    this.#requestedLevel = this.#ackLevel;
  }

  /** How many ids are left in this lease's block. */
  get idsLeft(): number {
    return this.rangeId * TASK_ID_BLOCK_SIZE - this.#nextTaskId + 1;
  }

  /** A new lease brings a new block of ids. Only while no commit is in flight: it would be fenced. */
  renewed(rangeId: number): void {
    this.rangeId = rangeId;
    this.#nextTaskId = (rangeId - 1) * TASK_ID_BLOCK_SIZE + 1;
  }

  nextTaskId(): number {
    return this.#nextTaskId++;
  }

  /** The tasks, whose ids follow one another, are durable. They go to memory at once if they are next to be read anyway. */
  committed(tasks: readonly Task[]): void {
    const lastId = tasks[tasks.length - 1]!.taskId;
    const nextInOrder = this.#readLevel === this.#durableLevel;
    this.#durableLevel = lastId;
    this.count += tasks.length;
    if (!nextInOrder || this.#loaded + tasks.length > this.#owner.batchSize) {
      this.#rememberAttempts(tasks);
      this.readIfLow();
      return;
    }
    const hadNothing = this.#head === this.#outstanding.length;
    // Ids below the first of these are not in the store: the ack level may pass over them.
    if (hadNothing) this.#ackLevel = this.#readLevel;
    this.#readLevel = lastId;
    for (const task of tasks) {
      this.#outstanding.push(task);
      this.#loaded++;
    }
    for (const task of tasks) this.#owner.offer(task);
  }

  /** Whether a commit was done is unknown: the store is asked when the reader comes by. */
  uncertain(lastId: number): void {
    if (lastId > this.#durableLevel) this.#durableLevel = lastId;
    this.readIfLow();
  }

  /** The task was started or is obsolete. */
  done(task: Task): void {
    if (task.acked) return;
    task.acked = true;
    this.#loaded--;
    this.count = Math.max(0, this.count - 1);
    this.#advanceAckLevel();
    this.readIfLow();
  }

  deleted(upTo: number): void {
    if (upTo > this.#deletedLevel) this.#deletedLevel = upTo;
  }

  /** Reads on when there is something to read and room for it. */
  readIfLow(): void {
    if (this.#closed || this.#reading || this.#retryTimer !== undefined) return;
    if (this.#readLevel >= this.#durableLevel || this.#loaded > this.#owner.reloadAt) return;
    this.#reading = true;
    const limit = Math.max(1, this.#owner.batchSize - this.#loaded);
    const upTo = this.#durableLevel;
    let batch: MaybePromise<readonly BacklogTask[]>;
    try {
      batch = this.#store.read(this.key, this.#readLevel, limit);
    } catch (error) {
      this.#readFailed(error);
      return;
    }
    if (batch instanceof Promise) {
      batch.then(
        (tasks) => this.#readDone(tasks, limit, upTo),
        (error: unknown) => this.#readFailed(error),
      );
    } else {
      this.#readDone(batch, limit, upTo);
    }
  }

  close(): void {
    this.#closed = true;
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
  }

  /** `upTo` is what was durable when the read began: all of it is in `batch` unless the limit cut it short. */
  #readDone(batch: readonly BacklogTask[], limit: number, upTo: number): void {
    this.#reading = false;
    if (this.#closed) return;
    this.#retryMs = STORE_BACKOFF_FIRST_MS;
    const nowMs = this.#clock.nowMs();
    const offered: Task[] = [];
    const expired: Task[] = [];
    for (const { taskId, data } of batch) {
      // A commit in flight may show its tasks before it has told us: they come by `committed`, or by the next read.
      if (taskId > this.#durableLevel) break;
      const task = taskFromStore(data, taskId, this, nowMs);
      const attempted = this.#attempted.get(taskId);
      if (attempted !== undefined) {
        this.#attempted.delete(taskId);
        task.requestId = attempted.requestId;
        task.attempts = attempted.attempts;
      }
      this.#readLevel = taskId;
      this.#outstanding.push(task);
      this.#loaded++;
      if (task.expiresAtMs <= nowMs) expired.push(task);
      else offered.push(task);
    }
    if (batch.length < limit && upTo > this.#readLevel) this.#readLevel = upTo;
    // With everything in memory the count is known exactly, whatever the store estimated or a failed commit left behind.
    if (this.#readLevel >= this.#durableLevel) this.count = this.#loaded;
    for (const task of expired) {
      this.#owner.expired(task);
      this.done(task);
    }
    this.#advanceAckLevel();
    for (const task of offered) this.#owner.offer(task);
    this.readIfLow();
  }

  #readFailed(error: unknown): void {
    this.#reading = false;
    if (this.#closed) return;
    this.#owner.readFailed(error);
    if (this.#closed) return;
    this.#retryTimer = this.#clock.after(this.#retryMs, () => {
      this.#retryTimer = undefined;
      this.readIfLow();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, STORE_BACKOFF_MAX_MS);
  }

  /** Their starts may have been recorded. In memory only: after a crash nobody knows whether a worker has the task. */
  #rememberAttempts(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if (task.requestId === '' || this.#attempted.size >= MAX_REMEMBERED_ATTEMPTS) continue;
      this.#attempted.set(task.taskId, { requestId: task.requestId, attempts: task.attempts });
    }
  }

  #advanceAckLevel(): void {
    const outstanding = this.#outstanding;
    let head = this.#head;
    while (head < outstanding.length && outstanding[head]!.acked) this.#ackLevel = outstanding[head++]!.taskId;
    if (head === outstanding.length) {
      this.#ackLevel = this.#readLevel;
      this.#outstanding = [];
      head = 0;
    } else if (head >= MIN_CUT && head * 2 >= outstanding.length) {
      this.#outstanding = outstanding.slice(head);
      head = 0;
    }
    this.#head = head;
    if (this.#ackLevel > this.#deletedLevel) this.#owner.deletable(this);
  }
}
