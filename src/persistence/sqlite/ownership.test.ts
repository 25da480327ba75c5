// Who owns a SQLite file: one connection at a time, released by death, and what was acknowledged before a death is there.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { StoreInUseError, StoreUnavailableError } from '../store-errors.ts';
import { SqliteStoreFactory } from './factory.ts';

const HOLDER = join(import.meta.dirname, 'hold-store.ts');
const COMMITS_BEFORE_DEATH = 20;

describe('SQLite ownership', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ostinato-ownership-'));
    path = join(directory, 'data.db');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const factory = (pragmas: Record<string, string> = {}) => new SqliteStoreFactory({ kind: 'sqlite', path, pragmas });

  function countRuns(): number {
    const store = factory().openExecutionStore(0);
    try {
      return store.listExecutions(1, '', 1_000_000).executions.length;
    } finally {
      store.close();
    }
  }

  test('a second process is refused while the first runs; killed, it leaves every acknowledged commit', async () => {
    const child = spawn(process.execPath, [HOLDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    const acknowledged = () => output.split('\n').length - 1;
    while (acknowledged() < COMMITS_BEFORE_DEATH) await once(child.stdout, 'data');
    assert.throws(() => factory().openExecutionStore(0), StoreInUseError);
    child.kill('SIGKILL');
    await once(child, 'close');
    const found = countRuns();
    assert.ok(found >= acknowledged(), `${acknowledged()} acknowledged, ${found} found`);
    assert.ok(
      found <= acknowledged() + 1,
      `${found} found, ${acknowledged()} acknowledged: at most one commit was under way`,
    );
  });

  test('a worker thread that is terminated lets go of its file', async () => {
    const worker = new Worker(HOLDER, { workerData: path });
    const lines: string[] = [];
    worker.on('message', (line) => lines.push(line));
    while (lines.length < COMMITS_BEFORE_DEATH) await once(worker, 'message');
    assert.throws(() => factory().openExecutionStore(0), StoreInUseError);
    await worker.terminate();
    assert.ok(countRuns() >= lines.length);
  });

  test('the main file is shared by the connections of a process', () => {
    const [first, second] = [factory().openMetadataStore(), factory().openMetadataStore()];
    const version = first.putNamespace({ id: 'a', name: 'a', data: new Uint8Array(1) }, 0);
    assert.equal(second.namespaceById('a')?.notificationVersion, version);
    second.putNamespace({ id: 'b', name: 'b', data: new Uint8Array(1) }, 0);
    assert.equal(first.listNamespaces('', 10).length, 2);
    first.close();
    second.close();
  });

  test('durability settings are what the design asks for, and pragmas of the user win', () => {
    const settings = (pragmas: Record<string, string>) => {
      const store = factory(pragmas).openExecutionStore(0);
      const { database } = store as unknown as { database: import('node:sqlite').DatabaseSync };
      const read = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      const found = [read('journal_mode'), read('synchronous'), read('locking_mode')];
      store.close();
      return found;
    };
    assert.deepEqual(settings({}), ['wal', 2, 'exclusive']);
    assert.deepEqual(settings({ synchronous: 'off' }), ['wal', 0, 'exclusive']);
  });

  test('a pragma that is not one is refused', () => {
    for (const pragmas of [{ 'x; DROP TABLE shards': '1' }, { synchronous: 'off; SELECT 1' }]) {
      assert.throws(
        () => factory(pragmas as unknown as Record<string, string>).openExecutionStore(0),
        /not a SQLite pragma/,
      );
    }
  });

  test('a folder that cannot be written is reported with the path', () => {
    const unwritable = new SqliteStoreFactory({ kind: 'sqlite', path: '/dev/null/data.db', pragmas: {} });
    assert.throws(
      () => unwritable.openMetadataStore(),
      (error) => error instanceof StoreUnavailableError && error.message.includes('/dev/null/data.db'),
    );
  });

  test('a disk that is full fails the commit as a whole, and the store goes on when there is room', () => {
    const store = factory({ max_page_count: '40' }).openExecutionStore(0);
    const { rangeId } = store.acquireShard(1, 'a');
    const commit = (runId: string, sizeBytes: number) =>
      store.commit([
        {
          shardId: 1,
          rangeId,
          taskDeletes: [],
          executions: [
            {
              ...{ namespaceId: 'n', workflowId: 'w', runId, kind: 'create' as const, parts: [], tasks: [] },
              ...{ historyNodes: [], newBranches: [], deletedBranches: [], state: new Uint8Array(sizeBytes) },
            },
          ],
        },
      ]);
    commit('small', 10);
    assert.throws(() => commit('large', 1_000_000), StoreUnavailableError);
    assert.equal(store.loadExecution({ shardId: 1, namespaceId: 'n', workflowId: 'w', runId: 'large' }), undefined);
    commit('small again', 10);
    store.close();
  });
});
