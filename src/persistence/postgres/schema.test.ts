// PostgreSQL schemas: the database is created, hosts may start together, upgrades keep data.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import postgres from 'postgres';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import { failureOf } from '../contract/contract-backend.ts';
import { mutation, shardCommit } from '../contract/sample-mutation.ts';
import type { SchemaStep } from '../schema-version.ts';
import { SchemaVersionError } from '../store-errors.ts';
import { databaseOf } from './database-url.ts';
import { PostgresStoreFactory } from './factory.ts';
import { CORE_SCHEMA_NAME, describeDatabaseSchema, postgresSchema, prepareDatabaseSchema } from './schema.ts';

const version2: SchemaStep = {
  version: 2,
  minCompatibleVersion: 2,
  summary: 'a column, filled from what is there',
  statements: [
    'ALTER TABLE executions ADD COLUMN size_bytes integer NOT NULL DEFAULT 0',
    'UPDATE executions SET size_bytes = octet_length(state)',
  ],
};

describe('PostgreSQL schema', () => {
  let server: TestPostgres;
  let databases = 0;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server?.stop());

  const newUrl = () => server.urlOf(`schema ${process.pid} ${++databases}`); // a name that needs quoting
  const factoryOf = (url: string) => new PostgresStoreFactory({ kind: 'postgres', url, maxConnections: 1 });
  const target = (url: string, ...more: SchemaStep[]) => ({
    url,
    name: CORE_SCHEMA_NAME,
    steps: [...postgresSchema, ...more],
  });
  const key = { shardId: 1, namespaceId: 'n', workflowId: 'w', runId: 'r' };

  async function version1Data(): Promise<string> {
    const url = newUrl();
    const factory = factoryOf(url);
    await factory.prepareSchema({ upgrade: false });
    const store = factory.openExecutionStore(0);
    const { rangeId } = await store.acquireShard(1, 'a');
    await store.commit([shardCommit(1, rangeId, [mutation('create', key, 'state')])]);
    await store.close();
    return url;
  }

  test('describing a database that does not exist says so and does not create it', async () => {
    const url = newUrl();
    for (let attempt = 0; attempt < 2; attempt++) {
      const [status] = await factoryOf(url).describeSchema();
      assert.equal(status?.state, 'missing');
      assert.doesNotMatch(status.location, /:postgres@/);
    }
  });

  test('hosts that start together on a missing database all succeed', async () => {
    const url = newUrl();
    await Promise.all(Array.from({ length: 5 }, () => factoryOf(url).prepareSchema({ upgrade: false })));
    const [status] = await factoryOf(url).describeSchema();
    assert.equal(status?.state, 'current');
  });

  test('an upgrade keeps the data of version 1', async () => {
    const url = await version1Data();
    const error = await failureOf(() => prepareDatabaseSchema(target(url, version2), { upgrade: false }));
    assert.ok(error instanceof SchemaVersionError, String(error));
    await prepareDatabaseSchema(target(url, version2), { upgrade: true });
    await prepareDatabaseSchema(target(url, version2), { upgrade: true }); // again: nothing to do
    assert.equal((await describeDatabaseSchema(target(url, version2))).storedVersion, 2);
    const sql = postgres(url, { ...databaseOf(url), max: 1 });
    assert.deepEqual([...(await sql`SELECT run_id, size_bytes FROM executions`)], [{ run_id: 'r', size_bytes: 5 }]);
    await sql.end();
    const refused = await failureOf(() => factoryOf(url).prepareSchema({ upgrade: true }));
    assert.match(String(refused), /schema version 2 is too new for this program/);
  });

  test('an upgrade that fails half-way leaves version 1 working', async () => {
    const url = await version1Data();
    const broken = { ...version2, statements: [...version2.statements, 'CREATE TABLE shards (shard_id integer)'] };
    await failureOf(() => prepareDatabaseSchema(target(url, broken), { upgrade: true }));
    assert.equal((await describeDatabaseSchema(target(url))).state, 'current');
    const store = factoryOf(url).openExecutionStore(0);
    assert.ok(await store.loadExecution(key));
    await store.close();
  });
});
