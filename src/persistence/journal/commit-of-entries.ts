// A shard's entries as the one commit that brings them to the tables: the changes of a run merged, tasks that are done left out. Any thread; pure.

import type { ExecutionMutation, PartChange, ShardCommit, TaskInsert } from '../execution-store.ts';
import { isTaskBefore } from '../folded-commit.ts';
import type { StoredEntry } from './journal-backend.ts';
import { decodeEntry } from './journal-entry.ts';

type TaskDeletes = ShardCommit['taskDeletes'];

/** `entries`: at least one. `done`: tasks that entries behind them, which stay in the journal, delete. */
export function commitOfEntries(entries: readonly StoredEntry[], done: TaskDeletes = []): ShardCommit {
  const { shardId, rangeId } = entries[entries.length - 1] as StoredEntry;
  const contents = entries.map(({ data }) => decodeEntry(data));
  const changes: ExecutionMutation[] = [];
  const later: TaskDeletes[number][] = [];
  let shardInfo: Uint8Array | undefined;
  for (const content of contents.toReversed()) {
    const { change } = content;
    if (change !== undefined)
      changes.push({ ...change, tasks: change.tasks.filter((task) => !isIn(later, task) && !isIn(done, task)) });
    later.push(...content.taskDeletes);
    shardInfo ??= content.shardInfo;
  }
  return { shardId, rangeId, executions: mergeChanges(changes.reverse()), shardInfo, taskDeletes: later.reverse() };
}

function isIn(deletes: TaskDeletes, task: TaskInsert): boolean {
  return deletes.some(
    ({ category, from, to }) => category === task.category && !isTaskBefore(task, from) && isTaskBefore(task, to),
  );
}

/**
 * Those of a run merged into its first as long as no other run of its workflow comes between them. So changes move ahead of others of
 * other workflows: with these they have nothing in common, tasks have keys of their own in a shard.
 */
function mergeChanges(changes: readonly ExecutionMutation[]): ExecutionMutation[] {
  const merged: ExecutionMutation[] = [];
  /** Where the last change of a workflow is, by namespace and workflow. */
  const lastOf = new Map<string, Map<string, number>>();
  for (const change of changes) {
    const { namespaceId, workflowId, runId } = change;
    const ofNamespace = lastOf.getOrInsertComputed(namespaceId, () => new Map());
    const index = ofNamespace.get(workflowId);
    const earlier = index === undefined ? undefined : merged[index];
    if (index !== undefined && earlier?.runId === runId) merged[index] = mergeTwo(earlier, change);
    else ofNamespace.set(workflowId, merged.push(change) - 1);
  }
  return merged;
}

function mergeTwo(earlier: ExecutionMutation, later: ExecutionMutation): ExecutionMutation {
  return {
    ...earlier,
    state: later.state,
    parts: mergeParts(earlier, later),
    historyNodes: [...earlier.historyNodes, ...later.historyNodes],
    newBranches: [...earlier.newBranches, ...later.newBranches],
    current: mergeCurrent(earlier.current, later.current),
    tasks: [...earlier.tasks, ...later.tasks],
  };
}

/** A run that is new has no parts but those of its own changes: what is gone again was never there. */
function mergeParts(earlier: ExecutionMutation, later: ExecutionMutation): readonly PartChange[] {
  if (later.parts.length === 0) return earlier.parts;
  const parts = new Map<string, PartChange>();
  for (const part of [...earlier.parts, ...later.parts]) {
    const key = `${part.kind}/${part.key}`;
    if (part.data === null && earlier.kind === 'create') parts.delete(key);
    else parts.set(key, part);
  }
  return [...parts.values()];
}

function mergeCurrent(earlier: ExecutionMutation['current'], later: ExecutionMutation['current']) {
  if (earlier === undefined || later === undefined) return later ?? earlier;
  return { expectedRunId: earlier.expectedRunId, row: later.row };
}
