// Folds a batch of commits into what it leaves behind: one change per row, with the condition the row must meet beforehand.
// For backends that apply a batch at once (memory, postgres) rather than step by step; several changes of one run, and several
// commits of one shard, see each other here, in JavaScript. Any thread; pure.

import { invariant } from '../base/invariant.ts';
import { compositeKey } from './composite-key.ts';
import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  ExecutionMutation,
  HistoryNode,
  PartChange,
  ShardCommit,
  TaskCategory,
  TaskInsert,
  TaskKey,
} from './execution-store.ts';
import { ConditionFailedError, ShardFencedError } from './store-errors.ts';

export interface FoldedShard {
  readonly shardId: number;
  readonly rangeId: number;
  readonly shardInfo: Uint8Array | undefined;
}

export interface FoldedRun {
  readonly key: ExecutionKey;
  /** What the store must hold before the batch. */
  readonly expected: 'absent' | 'present' | 'any';
  /** null: the run is gone after the batch. */
  state: Uint8Array | null;
  /** All parts from before the batch go (the run was deleted in it). */
  clearParts: boolean;
  readonly parts: Map<string, PartChange>;
}

export interface FoldedCurrent {
  readonly shardId: number;
  readonly namespaceId: string;
  readonly workflowId: string;
  /** '' for no row. */
  readonly expectedRunId: string;
  row: CurrentExecutionRow | null;
}

export interface FoldedBranch {
  readonly shardId: number;
  readonly row: BranchRow;
  readonly deleted: boolean;
}

export interface FoldedTaskDelete {
  readonly shardId: number;
  readonly category: TaskCategory;
  readonly from: TaskKey;
  readonly to: TaskKey;
}

export interface FoldedCommit {
  readonly shards: readonly FoldedShard[];
  readonly runs: readonly FoldedRun[];
  readonly currents: readonly FoldedCurrent[];
  readonly nodes: readonly (HistoryNode & { readonly shardId: number })[];
  readonly branches: readonly FoldedBranch[];
  readonly tasks: readonly (TaskInsert & { readonly shardId: number })[];
  /** Apply to tasks of earlier commits only: do these before the inserts. */
  readonly taskDeletes: readonly FoldedTaskDelete[];
}

export function foldCommits(batch: readonly ShardCommit[]): FoldedCommit {
  const shards = new Map<number, FoldedShard>();
  const runs = new Map<string, FoldedRun>();
  const currents = new Map<string, FoldedCurrent>();
  const nodes = new Map<string, HistoryNode & { readonly shardId: number }>();
  const branches = new Map<string, FoldedBranch>();
  const tasks = new Map<string, TaskInsert & { readonly shardId: number }>();
  const taskDeletes: FoldedTaskDelete[] = [];

  for (const commit of batch) {
    const { shardId } = commit;
    foldShard(shards, commit);
    for (const taskDelete of commit.taskDeletes) {
      taskDeletes.push({ shardId, ...taskDelete });
      for (const [key, task] of tasks) if (task.shardId === shardId && isDeletedBy(taskDelete, task)) tasks.delete(key);
    }
    for (const mutation of commit.executions) {
      foldRun(runs, shardId, mutation);
      if (mutation.current !== undefined) foldCurrent(currents, shardId, mutation, mutation.current);
      for (const row of mutation.newBranches) {
        branches.set(compositeKey(shardId, row.treeId, row.branchId), { shardId, row, deleted: false });
      }
      for (const row of mutation.deletedBranches) {
        branches.set(compositeKey(shardId, row.treeId, row.branchId), { shardId, row, deleted: true });
      }
      for (const node of mutation.historyNodes) {
        nodes.set(compositeKey(shardId, node.treeId, node.branchId, node.nodeId), { shardId, ...node });
      }
      for (const task of mutation.tasks) {
        checkTaskKey(task);
        tasks.set(compositeKey(shardId, task.category, task.fireTimeMs, task.taskId), { shardId, ...task });
      }
    }
  }
  return {
    shards: [...shards.values()],
    runs: [...runs.values()],
    currents: [...currents.values()],
    nodes: [...nodes.values()],
    branches: [...branches.values()],
    tasks: [...tasks.values()],
    taskDeletes,
  };
}

/** Fire times with a fraction would be rounded by some backends and not by others, and then never be acknowledged. */
export function checkTaskKey(key: TaskKey): void {
  invariant(Number.isSafeInteger(key.fireTimeMs), `fire time ${key.fireTimeMs} is not a whole number of milliseconds`);
  invariant(Number.isSafeInteger(key.taskId), `task id ${key.taskId} is not an integer`);
}

function foldShard(shards: Map<number, FoldedShard>, { shardId, rangeId, shardInfo }: ShardCommit): void {
  const earlier = shards.get(shardId);
  // Nobody owns a shard under two range ids: one of them is lost, and with it the batch.
  if (earlier !== undefined && earlier.rangeId !== rangeId) throw new ShardFencedError(shardId, earlier.rangeId);
  shards.set(shardId, { shardId, rangeId, shardInfo: shardInfo ?? earlier?.shardInfo });
}

/** Both of one shard. */
export function isDeletedBy({ category, from, to }: ShardCommit['taskDeletes'][number], task: TaskInsert): boolean {
  return task.category === category && !isTaskBefore(task, from) && isTaskBefore(task, to);
}

export function isTaskBefore(a: TaskKey, b: TaskKey): boolean {
  return a.fireTimeMs !== b.fireTimeMs ? a.fireTimeMs < b.fireTimeMs : a.taskId < b.taskId;
}

function foldRun(runs: Map<string, FoldedRun>, shardId: number, mutation: ExecutionMutation): void {
  const { namespaceId, workflowId, runId, kind } = mutation;
  const mapKey = compositeKey(shardId, namespaceId, workflowId, runId);
  let run = runs.get(mapKey);
  if (run === undefined) {
    run = {
      key: { shardId, namespaceId, workflowId, runId },
      expected: kind === 'create' ? 'absent' : kind === 'update' ? 'present' : 'any',
      state: null,
      clearParts: false,
      parts: new Map(),
    };
    runs.set(mapKey, run);
  } else if (kind === 'create' && run.state !== null) {
    throw runExists(run.key);
  } else if (kind === 'update' && run.state === null) {
    throw runMissing(run.key);
  }
  if (kind === 'delete') {
    run.state = null;
    run.clearParts = true;
    run.parts.clear();
    return;
  }
  run.state = mutation.state;
  for (const part of mutation.parts) {
    const partKey = `${part.kind}/${part.key}`;
    // A run that the batch creates has no parts but those of the batch.
    if (part.data === null && run.expected === 'absent') run.parts.delete(partKey);
    else run.parts.set(partKey, part);
  }
}

function foldCurrent(
  currents: Map<string, FoldedCurrent>,
  shardId: number,
  mutation: ExecutionMutation,
  change: NonNullable<ExecutionMutation['current']>,
): void {
  const { namespaceId, workflowId } = mutation;
  const mapKey = compositeKey(shardId, namespaceId, workflowId);
  const earlier = currents.get(mapKey);
  if (earlier === undefined) {
    currents.set(mapKey, { shardId, namespaceId, workflowId, expectedRunId: change.expectedRunId, row: change.row });
    return;
  }
  if ((earlier.row?.runId ?? '') !== change.expectedRunId) {
    throw currentDiffers(workflowId, change.expectedRunId, earlier.row?.runId ?? '');
  }
  earlier.row = change.row;
}

export function runExists(key: Omit<ExecutionKey, 'shardId'>): ConditionFailedError {
  return new ConditionFailedError(`run ${key.runId} of workflow ${key.workflowId} exists already`);
}

export function runMissing(key: Omit<ExecutionKey, 'shardId'>): ConditionFailedError {
  return new ConditionFailedError(`run ${key.runId} of workflow ${key.workflowId} does not exist`);
}

export function currentDiffers(workflowId: string, expectedRunId: string, actualRunId: string): ConditionFailedError {
  return new ConditionFailedError(
    `current run of workflow ${workflowId} is ${actualRunId || 'none'}, expected ${expectedRunId || 'none'}`,
  );
}
