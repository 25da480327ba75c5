// The PostgreSQL stores when connections break, when two hosts meet, and what the driver is told.

import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import postgres from 'postgres';
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { youngCollector } from '../../base/testing/assert-forgets.ts';
import { failureOf } from '../contract/contract-backend.ts';
import { mutation, shardCommit } from '../contract/sample-mutation.ts';
import type { ExecutionStore } from '../execution-store.ts';
import { ShardFencedError, StoreUnavailableError } from '../store-errors.ts';
import { PostgresClient } from './client.ts';
import { PostgresExecutionStore } from './execution-store.ts';
import { PostgresStoreFactory } from './factory.ts';

const RECONNECT_DEADLINE_MS = 15_000;

describe('PostgreSQL connections', () => {
  let server: TestPostgres;
  let factory: PostgresStoreFactory;
  let admin: ReturnType<typeof postgres>;

  before(async () => {
    server = await startPostgres();
    factory = new PostgresStoreFactory({ kind: 'postgres', url: server.url, maxConnections: 2 });
    await factory.prepareSchema({ upgrade: false });
    admin = postgres(server.url, { max: 1, onnotice: () => {} });
  });
  after(async () => {
    await admin?.end({ timeout: 1 });
    await server?.stop();
  });

  const run = (shardId: number, runId: string) => ({ shardId, namespaceId: 'n', workflowId: runId, runId });
  const create = (shardId: number, rangeId: number, runId: string) => [
    shardCommit(shardId, rangeId, [mutation('create', run(shardId, runId), 's')]),
  ];

  async function withStore(use: (store: ExecutionStore) => Promise<void>): Promise<void> {
    const store = factory.openExecutionStore(0);
    try {
      await use(store);
    } finally {
      await store.close();
    }
  }

  /** Retries while the database is away, as a shard does when it is loaded anew. */
  async function eventually<T>(operation: () => MaybePromise<T>): Promise<T> {
    const deadline = Date.now() + RECONNECT_DEADLINE_MS;
    for (;;) {
      try {
        return await operation();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  test('what a statement took along is gone with its answer', async () => {
    const client = new PostgresClient({ url: server.url, maxConnections: 1 });
    const collect = youngCollector();
    const use = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await client.query('measure', 'SELECT length($1::text) AS n', [String(i).padEnd(20_000, 'x')]);
        if (i % 100 === 0) collect();
      }
      collect();
    };
    try {
      await use(500);
      const before = process.memoryUsage().heapUsed;
      await use(1_000);
      const grown = process.memoryUsage().heapUsed - before;
      assert.ok(grown < 3_000_000, `${grown} bytes are kept that nobody can reach, of 20,000,000`);
    } finally {
      await client.close();
    }
  });

  test('the commit statements are prepared once per connection', async () => {
    const client = new PostgresClient({ url: server.url, maxConnections: 1 });
    const store = new PostgresExecutionStore({ commits: client, catchUps: client, reads: client });
    const { rangeId } = await store.acquireShard(1, 'a');
    const entry = { shardId: 1, rangeId, data: Buffer.from('entry') };
    for (let sequence = 1; sequence <= 5; sequence++) {
      await store.appendEntries([{ ...entry, sequence, conditions: undefined }]);
    }
    for (let index = 0; index < 3; index++) await store.commit([shardCommit(1, rangeId, [])]);
    const entries = [1, 2, 3, 4, 5].map((sequence) => ({ shardId: 1, rangeId, sequence }));
    await store.commit([shardCommit(1, rangeId, [])], { entries, commits: [] });
    assert.deepEqual((await store.readJournal(1)).entries, []);
    const prepared = await client.query(
      'read prepared statements',
      `SELECT generic_plans + custom_plans AS runs FROM pg_prepared_statements
       WHERE statement LIKE 'SELECT ostinato_%' ORDER BY statement`,
    );
    assert.deepEqual(
      prepared.map((statement) => statement.runs),
      [5, 3, 1], // entries, commits, a commit that takes entries away
    );
    await store.close();
  });

  test('commits find their rows by key, however large a table has grown since the plan was made', async () => {
    const client = new PostgresClient({ url: server.url, maxConnections: 1 });
    const store = new PostgresExecutionStore({ commits: client, catchUps: client, reads: client });
    const { rangeId } = await store.acquireShard(40, 'a');
    const key = run(40, 'run');
    const row = { runId: 'run', data: Buffer.from('c') };
    const commit = (kind: 'create' | 'update', expectedRunId: string) =>
      store.commit([shardCommit(40, rangeId, [{ ...mutation(kind, key, 's'), current: { expectedRunId, row } }])]);
    await commit('create', '');
    await client.query(
      'fill the tables',
      `WITH filled AS (
         INSERT INTO current_executions SELECT 41, 'n', 'w' || i, 'r', '' FROM generate_series(1, 5000) i)
       INSERT INTO executions SELECT 41, 'r' || i, 'n', 'w' || i, '' FROM generate_series(1, 5000) i`,
    );
    const scans = async () => {
      await client.query('flush the statistics', 'SELECT pg_stat_force_next_flush()');
      const rows = await client.query(
        'read the statistics',
        "SELECT sum(seq_scan)::int AS scans FROM pg_stat_user_tables WHERE relname IN ('executions', 'current_executions', 'tasks')",
      );
      return rows[0]!.scans;
    };
    const before = await scans();
    for (let index = 0; index < 3; index++) await commit('update', 'run');
    assert.equal(await scans(), before);
    await store.close();
  });

  test('a connection that the server ends gives StoreUnavailableError or a new connection, and the store goes on', () =>
    withStore(async (store) => {
      const { rangeId } = await store.acquireShard(2, 'a');
      await store.commit(create(2, rangeId, 'before'));
      await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ostinato'`;
      await eventually(async () => {
        if ((await store.loadExecution(run(2, 'after'))) === undefined) await store.commit(create(2, rangeId, 'after'));
      });
      assert.ok(await store.loadExecution(run(2, 'after')));
    }));

  test('a commit in flight when its connection is cut fails with StoreUnavailableError', () =>
    withStore(async (store) => {
      const { rangeId } = await store.acquireShard(3, 'a');
      await admin.begin(async (transaction) => {
        await transaction`SELECT 1 FROM shards WHERE shard_id = 3 FOR UPDATE`; // the commit waits here
        const failure = failureOf(() => store.commit(create(3, rangeId, 'cut')));
        await untilWaiting();
        await transaction`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'ostinato' AND wait_event_type = 'Lock'`;
        const error = await failure;
        assert.ok(error instanceof StoreUnavailableError, String(error));
      });
    }));

  test('I1: a commit that waits for an acquire to finish is fenced by it', () =>
    withStore(async (store) => {
      const { rangeId } = await store.acquireShard(4, 'a');
      let failure: Promise<unknown> | undefined;
      await admin.begin(async (transaction) => {
        await transaction`UPDATE shards SET range_id = range_id + 1 WHERE shard_id = 4`; // another host, not yet committed
        failure = failureOf(() => store.commit(create(4, rangeId, 'late')));
        await untilWaiting();
      });
      const error = await failure;
      assert.ok(error instanceof ShardFencedError, String(error));
      assert.equal(error.shardId, 4);
      assert.equal(await store.loadExecution(run(4, 'late')), undefined);
    }));

  test('two hosts that fight for a shard never both commit under their range', () =>
    withStore((first) =>
      withStore(async (second) => {
        let committed = 0;
        const fight = async (store: ExecutionStore, host: string) => {
          for (let round = 0; round < 30; round++) {
            try {
              const { rangeId } = await store.acquireShard(5, host);
              await store.commit(create(5, rangeId, `${host}-${round}`));
              await store.commit(create(5, rangeId, `${host}-${round}-second`));
              committed += 2;
            } catch (error) {
              assert.ok(error instanceof ShardFencedError, String(error));
            }
          }
        };
        await Promise.all([fight(first, 'a'), fight(second, 'b')]);
        const { rangeId } = await first.acquireShard(5, 'a');
        assert.ok(rangeId >= 61, String(rangeId));
        const found = await first.listExecutions(5, '', 1000);
        assert.ok(found.executions.length >= committed);
      }),
    ));

  test('batches over the same shards in any order do not deadlock', () =>
    withStore((first) =>
      withStore(async (second) => {
        const ranges = new Map<number, number>();
        for (const shardId of [10, 11, 12, 13, 14])
          ranges.set(shardId, (await first.acquireShard(shardId, 'a')).rangeId);
        const commit = (store: ExecutionStore, name: string, order: number[]) =>
          store.commit(order.flatMap((shardId) => create(shardId, ranges.get(shardId)!, name)));
        let commits: MaybePromise<void>[] = [];
        await admin.begin(async (transaction) => {
          // Both get as far as the middle shard, each with the ones before it locked.
          await transaction`SELECT 1 FROM shards WHERE shard_id = 11 FOR UPDATE`;
          commits = [commit(first, 'x', [10, 11, 12, 13, 14]), commit(second, 'y', [14, 13, 12, 11, 10])];
          await untilWaiting(2);
        });
        await Promise.all(commits);
      }),
    ));

  test('while the database is away every call fails soon; when it is back the store works again', () =>
    withStore(async (store) => {
      const { rangeId } = await store.acquireShard(6, 'a');
      await admin.end({ timeout: 1 });
      await server.stopServer();
      for (let attempt = 0; attempt < 6; attempt++) {
        const error = await failureOf(() => store.commit(create(6, rangeId, 'away')));
        assert.ok(error instanceof StoreUnavailableError, String(error));
      }
      await server.startServer();
      admin = postgres(server.url, { max: 1, onnotice: () => {} });
      await eventually(() => store.commit(create(6, rangeId, 'back')));
      assert.ok(await store.loadExecution(run(6, 'back')));
      assert.equal(await store.loadExecution(run(6, 'away')), undefined);
    }));

  test('a closed store refuses', async () => {
    const store = factory.openExecutionStore(0);
    await store.close();
    const error = await failureOf(() => store.acquireShard(1, 'a'));
    assert.ok(error instanceof StoreUnavailableError, String(error));
  });

  test('a wrong password and a closed port are reported without the password', async () => {
    for (const change of [(url: URL) => (url.password = 'secret'), (url: URL) => (url.port = '1')]) {
      const url = new URL(server.url);
      url.password = 'secret';
      change(url);
      const broken = new PostgresStoreFactory({ kind: 'postgres', url: url.href, maxConnections: 1 });
      const error = await failureOf(() => broken.prepareSchema({ upgrade: false }));
      assert.ok(error instanceof StoreUnavailableError, String(error));
      assert.doesNotMatch(String(error), /secret/);
    }
  });

  test('an answer that came while this process stood still is taken, one that did not come in time is not', async () => {
    const client = new PostgresClient({ url: server.url, maxConnections: 1, answerTimeoutMs: 300 });
    try {
      await client.query('warm up', 'SELECT 1 AS one');
      const answer = client.query('in time', 'SELECT 1 AS one, pg_sleep(0.1) IS NULL AS slept');
      // The statement leaves with the end of this turn. From an immediate the loop goes on with timers, as it does after SIGCONT.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setImmediate(resolve));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      const [row] = await answer;
      assert.deepEqual(row, { one: 1, slept: false });
      const late = await failureOf(() => client.query('late', 'SELECT pg_sleep(1)'));
      assert.ok(late instanceof StoreUnavailableError && late.message.includes('no answer'), String(late));
      await eventually(() => client.query('again', 'SELECT 1 AS one'));
    } finally {
      await client.close();
    }
  });

  test('a server that accepts connections and says nothing is given up on', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const mute = new PostgresStoreFactory({
      kind: 'postgres',
      url: `postgres://a:b@127.0.0.1:${port}/x`,
      maxConnections: 1,
    });
    const store = mute.openExecutionStore(0);
    const error = await failureOf(() => store.acquireShard(1, 'a'));
    assert.ok(error instanceof StoreUnavailableError, String(error));
    await store.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  /** Asks on a connection of its own: within a transaction pg_stat_activity does not change. */
  async function untilWaiting(connections = 1): Promise<void> {
    const observer = postgres(server.url, { max: 1, onnotice: () => {} });
    const deadline = Date.now() + RECONNECT_DEADLINE_MS;
    try {
      for (;;) {
        const waiting = await observer`SELECT 1 FROM pg_stat_activity
          WHERE application_name = 'ostinato' AND wait_event_type = 'Lock'`;
        if (waiting.length >= connections) return;
        assert.ok(Date.now() < deadline, 'commits were expected to wait for the lock');
      }
    } finally {
      await observer.end({ timeout: 1 });
    }
  }
});
