// An id is only taken for new when the store cannot have it, and a start of a new id asks nothing.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GrpcCode } from '../../base/service-error.ts';
import { silentLogger } from '../../metrics/logger.ts';
import { type ExecutionStore, MemoryStoreFactory, type WorkflowKey } from '../../persistence/index.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { historyFixture } from '../testing/history-fixture.ts';
import { KnownWorkflows } from './known-workflows.ts';

const MINUTE_MS = 60_000;

/** Its store has `rows`, and fails as long as it `isAway`. */
function reader(rows: string[]) {
  const store = { rows, isAway: false, pages: 0 };
  const written = { promise: Promise.resolve() };
  const listCurrentKeys = async (_shardId: number, after: WorkflowKey | undefined, limit: number) => {
    store.pages++;
    if (store.isAway) throw new Error('the store is away');
    const begin = after === undefined ? 0 : store.rows.indexOf(after.workflowId) + 1;
    return store.rows.slice(begin, begin + limit).map((workflowId) => ({ namespaceId: 'n', workflowId }));
  };
  const clock = new VirtualClock();
  const workflows = new KnownWorkflows({
    store: { listCurrentKeys } as unknown as ExecutionStore,
    shardId: 1,
    clock,
    logger: silentLogger,
    settled: () => written.promise,
  });
  const mayHave = (...ids: string[]) => ids.map((workflowId) => workflows.mayHave('n', workflowId));
  return { store, written, clock, workflows, mayHave };
}
const ids = (count: number, prefix = 'w') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('workflow ids of a shard', () => {
  test('may all have a row until the store has been read, then those that it has and those added', async () => {
    const s = reader(ids(2_500));
    s.workflows.start();
    await s.clock.advance(0);
    s.workflows.add('n', 'added');
    assert.deepEqual(s.mayHave('w0', 'added', 'new'), [true, true, true]);
    await s.clock.advance(MINUTE_MS);
    assert.equal(s.store.pages, 3);
    assert.ok(s.mayHave(...ids(2_500), 'added').every((may) => may));
    assert.deepEqual(s.mayHave('new', 'w2500'), [false, false]);
    assert.equal(s.workflows.mayHave('other', 'w0'), false);
  });

  test('are read when the store is back', async () => {
    const s = reader(['w']);
    s.store.isAway = true;
    s.workflows.start();
    await s.clock.advance(MINUTE_MS);
    assert.deepEqual(s.mayHave('w', 'new'), [true, true]);
    s.store.isAway = false;
    await s.clock.advance(MINUTE_MS);
    assert.deepEqual(s.mayHave('w', 'new'), [true, false]);
  });

  test('of a store that answers at once are not remembered', () => {
    const workflows = new KnownWorkflows({
      ...{ store: {} as ExecutionStore, shardId: 1, clock: new VirtualClock(), logger: silentLogger },
      settled: () => Promise.resolve(),
    });
    workflows.start();
    assert.equal(workflows.mayHave('n', 'new'), true);
  });

  test('are given up if there are too many, and when the shard is gone', async () => {
    const s = reader(ids(60_000));
    s.workflows.start();
    await s.clock.advance(MINUTE_MS);
    assert.deepEqual(s.mayHave('new'), [true]);
    assert.ok(s.store.pages < 60, `${s.store.pages} pages were read`);
    const stopped = reader([]);
    stopped.workflows.start();
    stopped.workflows.stop();
    await stopped.clock.advance(MINUTE_MS);
    assert.deepEqual(stopped.mayHave('new'), [true]);
  });

  test('are read again when too many have come, once what is on its way is in the store', async () => {
    const s = reader([]);
    s.workflows.start();
    await s.clock.advance(MINUTE_MS);
    const write = Promise.withResolvers<void>();
    s.written.promise = write.promise;
    for (const id of ids(98_400)) s.workflows.add('n', id);
    await s.clock.advance(MINUTE_MS);
    assert.deepEqual(s.mayHave('w7', 'new'), [true, true]);
    assert.equal(s.store.pages, 1);
    // All others have been deleted since.
    s.store.rows = ['w7', 'w8'];
    write.resolve();
    await s.clock.advance(MINUTE_MS);
    assert.deepEqual(s.mayHave('w7', 'w8', 'w98399', 'w9', 'new'), [true, true, true, false, false]);
  });
});

describe('a start', () => {
  async function onStore(store: ExecutionStore) {
    const asked: string[] = [];
    const watched: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
      loadCurrent: (...key: Parameters<ExecutionStore['loadCurrent']>) => {
        asked.push(key[2]);
        return store.loadCurrent(...key);
      },
    });
    const fixture = await historyFixture(watched);
    await fixture.clock.advance(1_000);
    return { asked, fixture };
  }

  test('of a new workflow id asks the store nothing; one that a shard had before it was taken over is found', async () => {
    const store = await new MemoryStoreFactory().openExecutionStore(0);
    const first = await onStore(store);
    await first.fixture.start({ workflowId: 'w' });
    assert.deepEqual(first.asked, []);
    const second = await onStore(store);
    await assert.rejects(second.fixture.start({ workflowId: 'w', requestId: 'another' }), {
      code: GrpcCode.ALREADY_EXISTS,
    });
    assert.deepEqual(second.asked, ['w']);
    await second.fixture.start({ workflowId: 'new' });
    assert.deepEqual(second.asked, ['w']);
  });
});
