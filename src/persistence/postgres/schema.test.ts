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
import { version1 } from './schema/v1.ts';
import { CORE_SCHEMA_NAME, describeDatabaseSchema, postgresSchema, prepareDatabaseSchema } from './schema.ts';

const version5: SchemaStep = {
  version: 5,
  minCompatibleVersion: 5,
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

  async function storedData(): Promise<string> {
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

  test('an upgrade keeps the data', async () => {
    const url = await storedData();
    const error = await failureOf(() => prepareDatabaseSchema(target(url, version5), { upgrade: false }));
    assert.ok(error instanceof SchemaVersionError, String(error));
    await prepareDatabaseSchema(target(url, version5), { upgrade: true });
    await prepareDatabaseSchema(target(url, version5), { upgrade: true }); // again: nothing to do
    assert.equal((await describeDatabaseSchema(target(url, version5))).storedVersion, 5);
    const sql = postgres(url, { ...databaseOf(url), max: 1 });
    assert.deepEqual([...(await sql`SELECT run_id, size_bytes FROM executions`)], [{ run_id: 'r', size_bytes: 5 }]);
    await sql.end();
    const refused = await failureOf(() => factoryOf(url).prepareSchema({ upgrade: true }));
    assert.match(String(refused), /schema version 5 is too new for this program/);
  });

  test('version 1 is raised with its data in place, and servers that know no journal are refused then', async () => {
    const url = newUrl();
    const earlier = { url, name: CORE_SCHEMA_NAME, steps: [version1] };
    await prepareDatabaseSchema(earlier, { upgrade: false });
    const sql = postgres(url, { ...databaseOf(url), max: 1 });
    await sql`INSERT INTO shards (shard_id, range_id, owner) VALUES (1, 5, 'a')`;
    await sql`INSERT INTO executions (shard_id, run_id, namespace_id, workflow_id, state) VALUES (1, 'r', 'n', 'w', 'old')`;
    await sql.end();
    const error = await failureOf(() => factoryOf(url).prepareSchema({ upgrade: false }));
    assert.match(String(error), /run `ostinato schema update`/);
    await factoryOf(url).prepareSchema({ upgrade: true });
    const refused = await failureOf(() => prepareDatabaseSchema(earlier, { upgrade: false }));
    assert.match(String(refused), /schema version 4 is too new/);
    const store = factoryOf(url).openExecutionStore(0);
    await store.commit([shardCommit(1, 5, [mutation('update', key, 'new')])]);
    assert.equal(String(Buffer.from((await store.loadExecution(key))!.state)), 'new');
    await store.close();
  });

  test('an upgrade that fails half-way leaves the version before working', async () => {
    const url = await storedData();
    const broken = { ...version5, statements: [...version5.statements, 'CREATE TABLE shards (shard_id integer)'] };
    await failureOf(() => prepareDatabaseSchema(target(url, broken), { upgrade: true }));
    assert.equal((await describeDatabaseSchema(target(url))).state, 'current');
    const store = factoryOf(url).openExecutionStore(0);
    assert.ok(await store.loadExecution(key));
    await store.close();
  });
});
