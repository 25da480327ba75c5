// SQLite schemas: creation, upgrades with data in place, refusals.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { mutation, shardCommit } from '../contract/sample-mutation.ts';
import type { SchemaStep } from '../schema-version.ts';
import { SchemaVersionError, StoreInUseError } from '../store-errors.ts';
import { SqliteStoreFactory } from './factory.ts';
import { openDatabase } from './open-database.ts';
import { applySchemaSteps, describeDatabaseSchema, historySchema, prepareDatabaseSchema } from './schema.ts';

/** Shapes of change that a later version may bring: a column, an index, a table filled from another. */
const version3: SchemaStep = {
  version: 3,
  minCompatibleVersion: 3,
  summary: 'a column, an index, a table',
  statements: [
    'ALTER TABLE executions ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0',
    'UPDATE executions SET size_bytes = length(state)',
    'CREATE INDEX executions_by_workflow ON executions (shard_id, namespace_id, workflow_id)',
    'CREATE TABLE shard_owners AS SELECT shard_id, owner FROM shards',
  ],
};

describe('SQLite schema', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ostinato-schema-'));
    path = join(directory, 'data.db');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const factory = () => new SqliteStoreFactory({ kind: 'sqlite', path, pragmas: {} });
  const key = { shardId: 1, namespaceId: 'n', workflowId: 'w', runId: 'r' };

  function withDatabase<T>(use: (database: DatabaseSync) => T, file = `${path}-history-0`): T {
    const database = openDatabase({ path: file, pragmas: {}, locking: 'exclusive' });
    try {
      return use(database);
    } finally {
      database.close();
    }
  }

  function writeData(): void {
    const store = factory().openExecutionStore(0);
    store.acquireShard(1, 'host-a');
    store.commit([shardCommit(1, 1, [mutation('create', key, 'state')])]);
    store.close();
  }

  test('a new data path gets the newest version of each file', () => {
    factory().prepareSchema({ upgrade: false });
    factory().openExecutionStore(3).close();
    const described = factory().describeSchema();
    assert.deepEqual(
      described.map(({ location, state, storedVersion }) => [location.slice(path.length), state, storedVersion]),
      [
        ['-matching', 'current', 1],
        ['-history-3', 'current', 2],
        ['', 'current', 1],
      ],
    );
  });

  test('describing creates nothing', () => {
    assert.deepEqual(factory().describeSchema(), []);
  });

  test('an upgrade keeps the data', () => {
    writeData();
    withDatabase((database) => {
      const steps = [...historySchema, version3];
      assert.deepEqual(describeDatabaseSchema(database, 'x', steps).pending, [
        { version: 3, summary: version3.summary },
      ]);
      assert.throws(() => prepareDatabaseSchema(database, 'x', steps, { upgrade: false }), SchemaVersionError);
      assert.equal(describeDatabaseSchema(database, 'x', steps).storedVersion, 2);
      prepareDatabaseSchema(database, 'x', steps, { upgrade: true });
      assert.equal(describeDatabaseSchema(database, 'x', steps).storedVersion, 3);
      const row = database.prepare('SELECT run_id, size_bytes FROM executions').get();
      assert.deepEqual({ ...row }, { run_id: 'r', size_bytes: 5 });
      assert.equal(database.prepare('SELECT owner FROM shard_owners').get()?.owner, 'host-a');
      prepareDatabaseSchema(database, 'x', steps, { upgrade: true }); // again: nothing to do
    });
  });

  test('an upgrade that fails half-way leaves the version as it was', () => {
    writeData();
    withDatabase((database) => {
      const broken = { ...version3, statements: [...version3.statements, 'CREATE TABLE shards (shard_id INTEGER)'] };
      assert.throws(() => applySchemaSteps(database, [...historySchema, broken]), /already exists/);
      assert.equal(describeDatabaseSchema(database, 'x', historySchema).storedVersion, 2);
      assert.equal(database.prepare('SELECT * FROM executions').get()?.size_bytes, undefined);
    });
    const store = factory().openExecutionStore(0);
    assert.ok(store.loadExecution(key));
    store.close();
  });

  test('a database that a newer program has changed is refused', () => {
    writeData();
    withDatabase((database) => applySchemaSteps(database, [...historySchema, version3]));
    assert.throws(() => factory().openExecutionStore(0), /schema version 3 is too new for this program/);
    assert.throws(() => factory().prepareSchema({ upgrade: true }), SchemaVersionError);
  });

  test('a newer version that allows this program is used as it is', () => {
    writeData();
    withDatabase((database) =>
      applySchemaSteps(database, [...historySchema, { ...version3, minCompatibleVersion: 2 }]),
    );
    const store = factory().openExecutionStore(0);
    assert.ok(store.loadExecution(key));
    store.close();
  });

  test('a file that is no database is refused by name', () => {
    writeFileSync(path, 'not a database, but long enough to be looked at as one'.repeat(20));
    assert.throws(
      () => factory().openMetadataStore(),
      (error) => error instanceof SchemaVersionError && error.message.includes(path),
    );
  });

  test('data in use is refused by name, before anything is changed', () => {
    const store = factory().openTaskQueueStore();
    assert.throws(
      () => factory().prepareSchema({ upgrade: true }),
      (error) => error instanceof StoreInUseError && error.message.includes(`${path}-matching`),
    );
    store.close();
    factory().prepareSchema({ upgrade: true });
  });
});
