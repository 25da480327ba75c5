// Turns a commit of one change of one run, which most are at low load, into the parameters of ostinato_commit_run_v3. Order and names follow
// the function's signature in schema/v3.ts. Any thread; pure.

import type { ExecutionMutation, ShardCommit } from '../execution-store.ts';
import { checkTaskKey } from '../folded-commit.ts';
import { ArrayLiteral, toStoredText } from './array-literal.ts';
import type { Parameter } from './client.ts';

const PARAMETER_TYPES = [
  ...['integer', 'bigint'],
  ...['text', 'text', 'text', 'boolean', 'bytea'], // the run
  ...['smallint[]', 'text[]', 'bytea[]'], // parts
  ...['text', 'text', 'bytea'], // current run
  ...['text', 'text', 'bytea', 'bigint[]', 'bytea[]'], // branch and its nodes
  ...['smallint[]', 'bigint[]', 'bigint[]', 'bytea[]'], // tasks
];

/** Parts, nodes and tasks of a commit. The function writes row by row; from about this many on the general one, which writes sets, is as fast. */
const MAX_ROWS = 200;

export const COMMIT_RUN_STATEMENT = `SELECT ostinato_commit_run_v3(${PARAMETER_TYPES.map(
  (type, index) => `$${index + 1}::${type}`,
).join(', ')})`;

/** Undefined for a commit that the function cannot take. */
export function commitRunParameters(batch: readonly ShardCommit[]): Parameter[] | undefined {
  const [commit] = batch;
  const [run] = commit?.executions ?? [];
  if (commit === undefined || run === undefined) return undefined;
  const isOne = batch.length === 1 && commit.executions.length === 1;
  const isAlone = commit.shardInfo === undefined && commit.taskDeletes.length === 0;
  if (!isOne || !isAlone || !isPlain(run)) return undefined;
  return [
    ...[commit.shardId, commit.rangeId],
    ...[toStoredText(run.namespaceId), toStoredText(run.workflowId), toStoredText(run.runId)],
    ...[run.kind === 'create', run.state],
    ...partColumns(run),
    ...currentColumns(run),
    ...branchColumns(run),
    ...taskColumns(run),
  ];
}

/** Its rows are few, nothing is removed but parts, and all nodes belong to one branch. */
function isPlain(run: ExecutionMutation): boolean {
  if (run.kind === 'delete' || run.deletedBranches.length > 0 || run.current?.row === null) return false;
  const { newBranches, historyNodes, parts, tasks } = run;
  if (historyNodes.length + parts.length + tasks.length > MAX_ROWS) return false;
  if (newBranches.length > 1) return false;
  const branch = newBranches[0] ?? historyNodes[0];
  return historyNodes.every((node) => node.treeId === branch!.treeId && node.branchId === branch!.branchId);
}

function partColumns({ parts }: ExecutionMutation): Parameter[] {
  if (parts.length === 0) return [null, null, null];
  const [kinds, keys, data] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  for (const part of parts) {
    kinds.number(part.kind);
    keys.string(part.key);
    if (part.data === null) data.null();
    else data.bytes(part.data);
  }
  return [String(kinds), String(keys), String(data)];
}

function currentColumns({ current }: ExecutionMutation): Parameter[] {
  if (current === undefined || current.row === null) return [null, null, null];
  return [toStoredText(current.expectedRunId), toStoredText(current.row.runId), current.row.data];
}

function branchColumns({ newBranches: [branch], historyNodes }: ExecutionMutation): Parameter[] {
  const place = branch ?? historyNodes[0];
  if (place === undefined) return [null, null, null, null, null];
  const [ids, data] = [new ArrayLiteral(), new ArrayLiteral()];
  for (const node of historyNodes) {
    ids.number(node.nodeId);
    data.bytes(node.data);
  }
  return [
    ...[toStoredText(place.treeId), toStoredText(place.branchId), branch?.data ?? null],
    ...(ids.length === 0 ? [null, null] : [String(ids), String(data)]),
  ];
}

function taskColumns({ tasks }: ExecutionMutation): Parameter[] {
  if (tasks.length === 0) return [null, null, null, null];
  const [categories, times] = [new ArrayLiteral(), new ArrayLiteral()];
  const [ids, data] = [new ArrayLiteral(), new ArrayLiteral()];
  for (const task of tasks) {
    checkTaskKey(task);
    categories.number(task.category);
    times.number(task.fireTimeMs);
    ids.number(task.taskId);
    data.bytes(task.data);
  }
  return [String(categories), String(times), String(ids), String(data)];
}
