// The store contract on PostgreSQL.

import { after, before } from 'node:test';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { createStoreFactory } from '../create-store-factory.ts';
import type { ExecutionStore } from '../execution-store.ts';
import type { StoreFactory } from '../store-factory.ts';
import { describeCurrentRuns } from './current-runs-contract.ts';
import { describeExecutionStore } from './execution-store-contract.ts';
import { describeHistory } from './history-contract.ts';
import { describeQueuedTasks } from './queued-tasks-contract.ts';
import { shardCommit } from './sample-mutation.ts';
import { describeStores } from './store-contract.ts';

let postgres: TestPostgres;
let databases = 0;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres?.stop());

async function openFactory(): Promise<StoreFactory> {
  const url = postgres.urlOf(`contract_${process.pid}_${++databases}`);
  const factory = createStoreFactory({ kind: 'postgres', url, maxConnections: 4 });
  await factory.prepareSchema({ upgrade: false });
  return factory;
}

describeStores({
  name: 'postgres',
  durable: true,
  open: async () => ({ factory: await openFactory(), close: async () => {} }),
});

// Most commits of the suite are small and go to the journal. With a question to another shard in each batch, they go to the tables.
const BYSTANDER = 1_000_000;

async function withBystander(store: ExecutionStore): Promise<ExecutionStore> {
  const { rangeId } = await store.acquireShard(BYSTANDER, 'bystander');
  const commit = store.commit.bind(store);
  store.commit = (batch) => commit(batch.length === 0 ? batch : [...batch, shardCommit(BYSTANDER, rangeId, [])]);
  return store;
}

const batches = {
  name: 'postgres, in batches of several shards',
  durable: true,
  open: async () => {
    const factory = await openFactory();
    const openExecutionStore = factory.openExecutionStore.bind(factory);
    factory.openExecutionStore = async (partition) => withBystander(await openExecutionStore(partition));
    return { factory, close: async () => {} };
  },
};
describeExecutionStore(batches);
describeCurrentRuns(batches);
describeHistory(batches);
describeQueuedTasks(batches);
