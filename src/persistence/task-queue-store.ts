// What the matching thread asks of its store: leases and backlogs of task-queue partitions.

import type { MaybePromise } from '../base/maybe-promise.ts';

/** Identifies a partition: partitionKey() of src/matching. */
export type TaskQueueKey = string;

export interface BacklogTask {
  readonly taskId: number;
  /** Encoded ostinato.matching.v1.PersistedTask. */
  readonly data: Uint8Array;
}

export interface TaskQueueCommit {
  readonly key: TaskQueueKey;
  /** Must be the stored range id: fails with TaskQueueFencedError otherwise. */
  readonly rangeId: number;
  readonly append: readonly BacklogTask[];
  /** Deletes tasks with taskId <= this. */
  readonly deleteUpTo?: number | undefined;
  /** Encoded PersistedTaskQueue, replaced. */
  readonly info?: Uint8Array | undefined;
}

export interface TaskQueueStore {
  /** Takes the partition over: creates its row when missing, raises the range id. */
  lease(
    key: TaskQueueKey,
    namespaceId: string,
  ): MaybePromise<{ readonly rangeId: number; readonly info: Uint8Array | undefined }>;
  /** Atomic over the batch and durable when it returns. */
  commit(batch: readonly TaskQueueCommit[]): MaybePromise<void>;
  /** Tasks with taskId > after, in order. */
  read(key: TaskQueueKey, after: number, limit: number): MaybePromise<readonly BacklogTask[]>;
  count(key: TaskQueueKey, after: number): MaybePromise<number>;
  list(
    namespaceId: string,
    afterKey: TaskQueueKey,
    limit: number,
  ): MaybePromise<readonly { readonly key: TaskQueueKey; readonly info: Uint8Array | undefined }[]>;
  delete(key: TaskQueueKey): MaybePromise<void>;
  close(): MaybePromise<void>;
}
