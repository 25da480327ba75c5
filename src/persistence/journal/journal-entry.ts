// Commits as entries of a journal. Any thread; pure.

import { JournalEntry } from '#proto/ostinato/persistence/v1';
import type { ExecutionMutation, PartKind, ShardCommit, TaskCategory, TaskInsert } from '../execution-store.ts';
import { checkTaskKey, isDeletedBy } from '../folded-commit.ts';
import type { StoredEntry } from './journal-backend.ts';

/** What one entry holds of a commit: a change, or what is acknowledged with the shard's info. */
export type EntryContent = Pick<ShardCommit, 'shardInfo' | 'taskDeletes'> & {
  readonly change: ExecutionMutation | undefined;
};

/** The contents of a commit's entries, in order; undefined if it deletes what an entry cannot: runs, branches, current runs. */
export function contentsOf({ executions, shardInfo, taskDeletes }: ShardCommit): EntryContent[] | undefined {
  const deletes = executions.some(
    ({ kind, deletedBranches, current }) => kind === 'delete' || deletedBranches.length > 0 || current?.row === null,
  );
  if (deletes) return undefined;
  const contents: EntryContent[] = executions.map((change) => ({ change, shardInfo: undefined, taskDeletes: [] }));
  // An entry of its own, and the first: it is about all entries of the shard before it, a change about those of its workflow.
  if (shardInfo !== undefined || taskDeletes.length > 0)
    contents.unshift({ change: undefined, shardInfo, taskDeletes });
  return contents;
}

export function encodeEntry({ change, shardInfo, taskDeletes }: EntryContent): Uint8Array {
  return JournalEntry.encode({
    change: change && changeFields(change),
    shardInfo,
    taskDeletes: taskDeletes.map(({ category, from, to }) => ({
      category,
      fromFireTimeMs: from.fireTimeMs,
      fromTaskId: from.taskId,
      toFireTimeMs: to.fireTimeMs,
      toTaskId: to.taskId,
    })),
  });
}

export function decodeEntry(data: Uint8Array): EntryContent {
  const { change, shardInfo, taskDeletes } = JournalEntry.decode(data);
  return {
    change: change && changeOf(change),
    shardInfo: shardInfo.length === 0 ? undefined : shardInfo,
    taskDeletes: taskDeletes.map((taskDelete) => ({
      category: taskDelete.category as TaskCategory,
      from: { fireTimeMs: taskDelete.fromFireTimeMs, taskId: taskDelete.fromTaskId },
      to: { fireTimeMs: taskDelete.toFireTimeMs, taskId: taskDelete.toTaskId },
    })),
  };
}

/** What an entry writes into the tables. `done`: tasks that entries behind it delete. */
export function commitOfEntry(
  { shardId, rangeId, data }: StoredEntry,
  done: ShardCommit['taskDeletes'] = [],
): ShardCommit {
  const { change, shardInfo, taskDeletes } = decodeEntry(data);
  const isDone = (task: TaskInsert) => done.some((taskDelete) => isDeletedBy(taskDelete, task));
  const executions = change === undefined ? [] : [{ ...change, tasks: change.tasks.filter((task) => !isDone(task)) }];
  return { shardId, rangeId, executions, shardInfo, taskDeletes };
}

function changeFields(change: ExecutionMutation) {
  const { namespaceId, workflowId, runId, kind, state, parts, newBranches, historyNodes, current, tasks } = change;
  for (const task of tasks) checkTaskKey(task);
  return {
    ...{ namespaceId, workflowId, runId, isNew: kind === 'create', state },
    parts: parts.map(({ kind, key, data }) => ({ kind, key, data: data ?? undefined, isRemoved: data === null })),
    branches: newBranches,
    nodes: historyNodes,
    currentRun:
      current === undefined || current.row === null
        ? undefined
        : { expectedRunId: current.expectedRunId, runId: current.row.runId, data: current.row.data },
    tasks,
  };
}

function changeOf(stored: NonNullable<JournalEntry['change']>): ExecutionMutation {
  const { namespaceId, workflowId, runId, isNew, state, parts, branches, nodes, currentRun, tasks } = stored;
  return {
    ...{ namespaceId, workflowId, runId, kind: isNew ? 'create' : 'update', state },
    parts: parts.map(({ kind, key, data, isRemoved }) => ({
      kind: kind as PartKind,
      key,
      data: isRemoved ? null : data,
    })),
    newBranches: branches,
    deletedBranches: [],
    historyNodes: nodes,
    current: currentRun && {
      expectedRunId: currentRun.expectedRunId,
      row: { runId: currentRun.runId, data: currentRun.data },
    },
    tasks: tasks.map((task) => ({ ...task, category: task.category as TaskCategory })),
  };
}
