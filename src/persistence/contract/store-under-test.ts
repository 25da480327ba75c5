// The execution store that a contract suite tests: opened before the suite's tests, closed after them; with what all suites read from it.

import { after, before } from 'node:test';
import type { ExecutionKey, ExecutionStore, TaskCategory, TaskKey } from '../execution-store.ts';
import { type ContractBackend, text } from './contract-backend.ts';

export const FIRST: TaskKey = { fireTimeMs: 0, taskId: 0 };
export const LAST: TaskKey = { fireTimeMs: Number.MAX_SAFE_INTEGER, taskId: Number.MAX_SAFE_INTEGER };

/** Call inside `describe`. `opened` gets the store, and again the one that reopen() opens. */
export function openStoreFor(backend: ContractBackend, opened: (store: ExecutionStore) => void) {
  let data: Awaited<ReturnType<ContractBackend['open']>>;
  let store: ExecutionStore;
  let lastShardId = 0;

  async function reopen(): Promise<void> {
    store = await data.factory.openExecutionStore(0);
    opened(store);
  }

  before(async () => {
    data = await backend.open();
    await reopen();
  });
  after(async () => {
    await store?.close();
    await data?.close();
  });

  const newShardId = () => ++lastShardId;
  return {
    reopen,
    newShardId,
    /** A shard of the test's own. */
    async newShard(): Promise<{ shardId: number; rangeId: number }> {
      const shardId = newShardId();
      const { rangeId } = await store.acquireShard(shardId, 'host-a');
      return { shardId, rangeId };
    },
    stateOf: async (key: ExecutionKey) => text((await store.loadExecution(key))?.state),
    currentOf: async (key: ExecutionKey) =>
      (await store.loadCurrent(key.shardId, key.namespaceId, key.workflowId))?.runId,
    tasksOf: async (shardId: number, category: TaskCategory, from = FIRST, to = LAST, limit = 1000) =>
      (await store.readTasks(shardId, category, from, to, limit)).map((task) => `${task.fireTimeMs}/${task.taskId}`),
  };
}

export function run(shardId: number, runId = 'run-1', workflowId = 'workflow-1'): ExecutionKey {
  return { shardId, namespaceId: 'namespace-1', workflowId, runId };
}
