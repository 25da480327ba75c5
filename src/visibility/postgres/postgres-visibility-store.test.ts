import { after, before, describe } from 'node:test';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { describeVisibilityStore } from '../testing/store-contract.ts';
import { PostgresVisibilityStore } from './postgres-visibility-store.ts';

describe('with a PostgreSQL server', () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  describeVisibilityStore('postgres', async () => new PostgresVisibilityStore({ url: server.url, maxConnections: 2 }));
});
