// What the reads of a store answer, in words to compare, and without an order that the contract does not promise.

import { text } from '../../contract/contract-backend.ts';
import { FIRST, LAST } from '../../contract/store-under-test.ts';
import { type ExecutionKey, type ExecutionStore, TaskCategory } from '../../execution-store.ts';

/** In each tree; a tree is named after its workflow. */
export const BRANCHES = ['a', 'b', 'c'];

type Read = (store: ExecutionStore) => Promise<unknown>;

/** Those that concern a run, by name. */
export function readsOf(key: ExecutionKey, limit: number): [string, Read][] {
  return [
    ['loadExecution', (store) => loadRun(store, key)],
    ...readsOfWorkflow(key, limit),
    ...readsOfShard(key, limit),
  ];
}

/** All that the tables have of these runs, their workflows and shards. */
export async function tablesOf(store: ExecutionStore, runs: readonly ExecutionKey[]): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const key of runs) {
    const { shardId, workflowId, runId } = key;
    found.set(`${shardId}/${workflowId}/${runId}`, await loadRun(store, key));
    const others = [
      ...readsOfWorkflow(key, 100).map(([name, read]) => [`${shardId}/${workflowId}: ${name}`, read] as const),
      ...readsOfShard(key, 100).map(([name, read]) => [`${shardId}: ${name}`, read] as const),
    ];
    for (const [name, read] of others) if (!found.has(name)) found.set(name, await read(store));
  }
  return found;
}

async function loadRun(store: ExecutionStore, key: ExecutionKey): Promise<unknown> {
  const loaded = await store.loadExecution(key);
  return (
    loaded && [text(loaded.state), loaded.parts.map(({ kind, key, data }) => `${kind}/${key}/${text(data)}`).sort()]
  );
}

function readsOfWorkflow({ shardId, namespaceId, workflowId }: ExecutionKey, limit: number): [string, Read][] {
  const segments = BRANCHES.map((branchId) => ({ branchId, minNodeId: 1, endNodeId: 100 }));
  const request = { shardId, treeId: workflowId, segments, minNodeId: 1, endNodeId: 100, limit, reverse: false };
  return [
    [
      'loadCurrent',
      async (store) => {
        const row = await store.loadCurrent(shardId, namespaceId, workflowId);
        return row && [row.runId, text(row.data)];
      },
    ],
    [
      'readHistory',
      async (store) => {
        const { nodes, hasMore } = await store.readHistory(request);
        return [nodes.map(({ branchId, nodeId, data }) => `${branchId}/${nodeId}/${text(data)}`), hasMore];
      },
    ],
    [
      'listBranches',
      async (store) => {
        const rows = await store.listBranches(shardId, workflowId);
        return rows.map(({ branchId, data }) => `${branchId}/${Buffer.from(data).toString('hex')}`).sort();
      },
    ],
  ];
}

function readsOfShard({ shardId }: ExecutionKey, limit: number): [string, Read][] {
  const tasksOf = async (store: ExecutionStore, category: TaskCategory) => {
    const tasks = await store.readTasks(shardId, category, FIRST, LAST, limit);
    return tasks.map(({ fireTimeMs, taskId, data }) => `${fireTimeMs}/${taskId}/${text(data)}`);
  };
  return [
    ['transfer tasks', (store) => tasksOf(store, TaskCategory.TRANSFER)],
    ['timer tasks', (store) => tasksOf(store, TaskCategory.TIMER)],
    ['listCurrentKeys', async (store) => store.listCurrentKeys?.(shardId, undefined, limit)],
    [
      'listExecutions',
      async (store) => {
        const { executions, nextKey } = await store.listExecutions(shardId, '', limit);
        return [executions.map(({ runId, state }) => `${runId}/${text(state)}`), nextKey];
      },
    ],
  ];
}
