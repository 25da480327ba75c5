// Turns a folded commit into the array parameters of ostinato_commit_v1. Order and names follow the function's signature in
// schema/v1.ts. Any thread; pure.

import type { ExecutionKey } from '../execution-store.ts';
import type { FoldedCommit } from '../folded-commit.ts';
import { ArrayLiteral } from './array-literal.ts';

/** SQL type of each parameter, in order. */
const PARAMETER_TYPES = [
  ...['integer', 'bigint', 'bytea'], // shards
  ...['integer', 'text', 'text', 'text'], // deleted runs
  ...['integer', 'text', 'text', 'text', 'bytea'], // created runs
  ...['integer', 'text', 'text', 'text', 'bytea'], // updated runs
  ...['integer', 'text', 'text', 'text', 'smallint', 'text', 'bytea'], // parts
  ...['integer', 'text', 'text', 'text', 'smallint', 'text'], // deleted parts
  ...['integer', 'text', 'text', 'text', 'text', 'bytea'], // current runs
  ...['integer', 'text', 'text', 'bytea'], // branches
  ...['integer', 'text', 'text', 'bigint', 'bytea'], // nodes
  ...['integer', 'smallint', 'bigint', 'bigint', 'bytea'], // tasks
  ...['integer', 'smallint', 'bigint', 'bigint', 'bigint', 'bigint'], // acknowledged tasks
];

export const COMMIT_STATEMENT = `SELECT ${commitCall(0)}`;

export function commitCall(parametersBefore: number): string {
  const parameters = PARAMETER_TYPES.map((type, index) => `$${parametersBefore + index + 1}::${type}[]`);
  return `ostinato_commit_v1(${parameters.join(', ')})`;
}

/**
 * NULL for a list of nothing, which most lists are: PL/pgSQL makes every array that it is given a structure with memory of its own, 0.02 ms
 * for 35 empty ones.
 */
export function commitParameters(folded: FoldedCommit): (string | null)[] {
  const columns = [
    ...shardColumns(folded),
    ...runColumns(folded),
    ...partColumns(folded),
    ...currentColumns(folded),
    ...historyColumns(folded),
    ...taskColumns(folded),
  ];
  return columns.map((column) => (column.length === 0 ? null : String(column)));
}

function shardColumns({ shards }: FoldedCommit): ArrayLiteral[] {
  const [ids, ranges, infos] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  for (const { shardId, rangeId, shardInfo } of shards) {
    ids.number(shardId);
    ranges.number(rangeId);
    if (shardInfo === undefined) infos.null();
    else infos.bytes(shardInfo);
  }
  return [ids, ranges, infos];
}

/** A run that the batch deletes and creates again appears in both lists; the function deletes first. */
function runColumns({ runs }: FoldedCommit): ArrayLiteral[] {
  const [deleted, created, updated] = [keyColumns(), keyColumns(), keyColumns()];
  const [createdStates, updatedStates] = [new ArrayLiteral(), new ArrayLiteral()];
  for (const run of runs) {
    const isNew = run.expected === 'absent';
    if (run.clearParts && !isNew) appendKey(deleted, run.key);
    if (run.state === null) continue;
    if (isNew || run.clearParts) {
      appendKey(created, run.key);
      createdStates.bytes(run.state);
    } else {
      appendKey(updated, run.key);
      updatedStates.bytes(run.state);
    }
  }
  return [...deleted, ...created, createdStates, ...updated, updatedStates];
}

function partColumns({ runs }: FoldedCommit): ArrayLiteral[] {
  const [put, gone] = [keyColumns(), keyColumns()];
  const [putKinds, putKeys, putData] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  const [goneKinds, goneKeys] = [new ArrayLiteral(), new ArrayLiteral()];
  for (const run of runs) {
    for (const { kind, key, data } of run.parts.values()) {
      if (data === null) {
        appendKey(gone, run.key);
        goneKinds.number(kind);
        goneKeys.string(key);
      } else {
        appendKey(put, run.key);
        putKinds.number(kind);
        putKeys.string(key);
        putData.bytes(data);
      }
    }
  }
  return [...put, putKinds, putKeys, putData, ...gone, goneKinds, goneKeys];
}

function currentColumns({ currents }: FoldedCommit): ArrayLiteral[] {
  const [shards, namespaces, workflows] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  const [expected, runs, data] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  for (const current of currents) {
    shards.number(current.shardId);
    namespaces.string(current.namespaceId);
    workflows.string(current.workflowId);
    expected.string(current.expectedRunId);
    if (current.row === null) {
      runs.null();
      data.null();
    } else {
      runs.string(current.row.runId);
      data.bytes(current.row.data);
    }
  }
  return [shards, namespaces, workflows, expected, runs, data];
}

function historyColumns({ branches, nodes }: FoldedCommit): ArrayLiteral[] {
  const [branchShards, branchTrees, branchIds, branchData] = keyColumns();
  for (const { shardId, row, deleted } of branches) {
    if (deleted) continue;
    branchShards.number(shardId);
    branchTrees.string(row.treeId);
    branchIds.string(row.branchId);
    branchData.bytes(row.data);
  }
  const [nodeShards, nodeTrees, nodeBranches, nodeIds] = keyColumns();
  const nodeData = new ArrayLiteral();
  for (const node of nodes) {
    nodeShards.number(node.shardId);
    nodeTrees.string(node.treeId);
    nodeBranches.string(node.branchId);
    nodeIds.number(node.nodeId);
    nodeData.bytes(node.data);
  }
  return [branchShards, branchTrees, branchIds, branchData, nodeShards, nodeTrees, nodeBranches, nodeIds, nodeData];
}

function taskColumns({ tasks, taskDeletes }: FoldedCommit): ArrayLiteral[] {
  const [shards, categories, times, ids] = keyColumns();
  const data = new ArrayLiteral();
  for (const task of tasks) {
    shards.number(task.shardId);
    categories.number(task.category);
    times.number(task.fireTimeMs);
    ids.number(task.taskId);
    data.bytes(task.data);
  }
  const [doneShards, doneCategories, fromTimes, fromIds] = keyColumns();
  const [toTimes, toIds] = [new ArrayLiteral(), new ArrayLiteral()];
  for (const { shardId, category, from, to } of taskDeletes) {
    doneShards.number(shardId);
    doneCategories.number(category);
    fromTimes.number(from.fireTimeMs);
    fromIds.number(from.taskId);
    toTimes.number(to.fireTimeMs);
    toIds.number(to.taskId);
  }
  return [shards, categories, times, ids, data, doneShards, doneCategories, fromTimes, fromIds, toTimes, toIds];
}

type FourColumns = readonly [ArrayLiteral, ArrayLiteral, ArrayLiteral, ArrayLiteral];

function keyColumns(): FourColumns {
  return [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
}

function appendKey([shards, runs, namespaces, workflows]: FourColumns, key: ExecutionKey): void {
  shards.number(key.shardId);
  runs.string(key.runId);
  namespaces.string(key.namespaceId);
  workflows.string(key.workflowId);
}
