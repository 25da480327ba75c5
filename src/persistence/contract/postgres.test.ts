// The store contract on PostgreSQL.

import { after, before } from 'node:test';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { createStoreFactory } from '../create-store-factory.ts';
import { describeStores } from './store-contract.ts';

let postgres: TestPostgres;
let databases = 0;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres?.stop());

describeStores({
  name: 'postgres',
  durable: true,
  open: async () => {
    const url = postgres.urlOf(`contract_${process.pid}_${++databases}`);
    const factory = createStoreFactory({ kind: 'postgres', url, maxConnections: 4 });
    await factory.prepareSchema({ upgrade: false });
    return { factory, close: async () => {} };
  },
});
