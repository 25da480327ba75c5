// What a history thread asks of its store: shards, executions, history branches and queued tasks. One instance per history
// thread (sqlite: one partition file). A backend answers synchronously or with promises; callers take both (MaybePromise).

import type { MaybePromise } from '../base/maybe-promise.ts';

export interface WorkflowKey {
  readonly namespaceId: string;
  readonly workflowId: string;
}

export interface ExecutionKey extends WorkflowKey {
  readonly shardId: number;
  readonly runId: string;
}

/** Kinds of execution parts; stored numbers, append only. */
export const PartKind = Object.freeze({
  ACTIVITY: 1,
  TIMER: 2,
  CHILD: 3,
  REQUEST_CANCEL: 4,
  SIGNAL: 5,
  /** Key: request id; no data. */
  SIGNAL_REQUESTED: 6,
  /** Key: sequence number; data: one encoded temporal.api.history.v1.History batch. */
  BUFFERED_EVENTS: 7,
  UPDATE: 8,
  /** Of an activity execution. Key: what it is; see ActivityExecutionState. */
  CONTENT: 9,
});
export type PartKind = (typeof PartKind)[keyof typeof PartKind];

export interface ExecutionPart {
  readonly kind: PartKind;
  readonly key: string;
  readonly data: Uint8Array;
}

/** `data` null deletes the part. */
export interface PartChange {
  readonly kind: PartKind;
  readonly key: string;
  readonly data: Uint8Array | null;
}

/** An append to a history branch: one batch of events, an encoded temporal.api.history.v1.History. */
export interface HistoryNode {
  readonly treeId: string;
  readonly branchId: string;
  /** Id of the batch's first event. A node written again replaces the old one. */
  readonly nodeId: number;
  readonly data: Uint8Array;
}

export interface CurrentExecutionRow {
  readonly runId: string;
  /** Encoded ostinato.persistence.v1.CurrentExecution. */
  readonly data: Uint8Array;
}

/** Queue categories; stored numbers, append only. */
export const TaskCategory = Object.freeze({ TRANSFER: 1, TIMER: 2, VISIBILITY: 3, REPLICATION: 4, ARCHIVAL: 5 });
export type TaskCategory = (typeof TaskCategory)[keyof typeof TaskCategory];

/** Order of a task in its queue: by time (0 in immediate queues), then by id. */
export interface TaskKey {
  readonly fireTimeMs: number;
  readonly taskId: number;
}

export interface StoredTask extends TaskKey {
  /** Encoded ostinato.persistence.v1.ShardTask. */
  readonly data: Uint8Array;
}

export interface TaskInsert extends StoredTask {
  readonly category: TaskCategory;
}

/** Everything one state change of one run writes. */
export interface ExecutionMutation {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  /** create: the run must not exist. delete: state, parts and the named history go; `state` is ignored. */
  readonly kind: 'create' | 'update' | 'delete';
  /** Encoded ostinato.persistence.v1.WorkflowState, or ActivityExecutionState under an activity's store key. */
  readonly state: Uint8Array;
  readonly parts: readonly PartChange[];
  readonly historyNodes: readonly HistoryNode[];
  /** Branches that begin with this change (start, reset), registered so that a delete knows who shares nodes. */
  readonly newBranches: readonly BranchRow[];
  readonly deletedBranches: readonly BranchRow[];
  /**
   * Changes the current-run row. `expectedRunId` is the row's run before the change, '' for no row: the commit fails with
   * ConditionFailedError otherwise (I4). `row` null deletes it.
   */
  readonly current?: { readonly expectedRunId: string; readonly row: CurrentExecutionRow | null } | undefined;
  readonly tasks: readonly TaskInsert[];
}

export interface BranchRow {
  readonly treeId: string;
  readonly branchId: string;
  /** Encoded ostinato.persistence.v1.HistoryBranch. */
  readonly data: Uint8Array;
}

/** All that one commit writes for one shard. Fails as a whole, for all shards in the batch, if a range id differs (I1). */
export interface ShardCommit {
  readonly shardId: number;
  readonly rangeId: number;
  readonly executions: readonly ExecutionMutation[];
  /** Encoded ShardInfo to store with this commit (queue levels). */
  readonly shardInfo?: Uint8Array | undefined;
  /** Acknowledged tasks: deletes from <= key < to. */
  readonly taskDeletes: readonly { readonly category: TaskCategory; readonly from: TaskKey; readonly to: TaskKey }[];
}

export interface LoadedExecution {
  /** Encoded WorkflowState. */
  readonly state: Uint8Array;
  readonly parts: readonly ExecutionPart[];
}

export interface HistoryPage {
  /** Batches in the order asked for; each an encoded History. */
  readonly nodes: readonly HistoryNode[];
  /** More nodes exist in the asked range. */
  readonly hasMore: boolean;
}

export interface ReadHistory {
  readonly shardId: number;
  readonly treeId: string;
  /** Segments of the branch, oldest first: ancestors with their end, then the branch itself. End exclusive. */
  readonly segments: readonly { readonly branchId: string; readonly minNodeId: number; readonly endNodeId: number }[];
  /** Nodes with minNodeId <= nodeId < endNodeId. */
  readonly minNodeId: number;
  readonly endNodeId: number;
  readonly limit: number;
  readonly reverse: boolean;
}

export interface ExecutionStore {
  /** Entries of a journal that the tables do not have yet. Only of stores with a journal, and whoever commits makes them catch up. */
  readonly backlog?: number;
  /** Brings entries to the tables that have been there for so many earlier calls, without a number all. Commits need not wait for it. */
  catchUp?(rounds?: number): MaybePromise<void>;
  /** Takes a few milliseconds in which nobody waits for what a later commit would have to do. */
  rest?(): void;
  /**
   * Takes the shard over: creates its row when it is missing, raises the range id, stores the owner. From now on commits under
   * the previous range id fail.
   */
  acquireShard(
    shardId: number,
    owner: string,
  ): MaybePromise<{ readonly rangeId: number; readonly shardInfo: Uint8Array | undefined }>;
  /** Atomic over all shards of the batch and durable when it returns. Throws ShardFencedError, ConditionFailedError, StoreUnavailableError. */
  commit(batch: readonly ShardCommit[]): MaybePromise<void>;
  loadExecution(key: ExecutionKey): MaybePromise<LoadedExecution | undefined>;
  loadCurrent(shardId: number, namespaceId: string, workflowId: string): MaybePromise<CurrentExecutionRow | undefined>;
  /**
   * Keys of a shard's current-run rows in an order of the store's own, after `after` (undefined for the first). Only of stores where
   * loadCurrent is a round trip: their callers remember what they need not ask for.
   */
  readonly listCurrentKeys?:
    | ((shardId: number, after: WorkflowKey | undefined, limit: number) => MaybePromise<readonly WorkflowKey[]>)
    | undefined;
  readHistory(request: ReadHistory): MaybePromise<HistoryPage>;
  listBranches(shardId: number, treeId: string): MaybePromise<readonly BranchRow[]>;
  /** Tasks with from <= key < to, in order. */
  readTasks(
    shardId: number,
    category: TaskCategory,
    from: TaskKey,
    to: TaskKey,
    limit: number,
  ): MaybePromise<readonly StoredTask[]>;
  /** Runs of a shard in key order, after `afterKey` ('' for the first); for scanners and tests. */
  listExecutions(
    shardId: number,
    afterKey: string,
    limit: number,
  ): MaybePromise<{
    readonly executions: readonly (ExecutionKey & { readonly state: Uint8Array })[];
    readonly nextKey: string;
  }>;
  close(): MaybePromise<void>;
}
