// The memory store's faults: what a test or the simulator asks for is what callers and the data see.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf } from '../contract/contract-backend.ts';
import { mutation, shardCommit } from '../contract/sample-mutation.ts';
import { StoreUnavailableError } from '../store-errors.ts';
import { MemoryStoreFactory } from './factory.ts';
import type { MemoryStoreOptions, StoreFault } from './fault-gate.ts';

const key = { shardId: 1, namespaceId: 'n', workflowId: 'w', runId: 'r' };

/** A factory, a store and the commit under test; `next` is the fault of the next commit. */
async function setUp(options: MemoryStoreOptions = {}) {
  let next: StoreFault | undefined;
  const factory = new MemoryStoreFactory({
    fault: (operation) => (operation === 'commit' ? next : undefined),
    ...options,
  });
  const store = factory.openExecutionStore(0);
  const { rangeId } = await store.acquireShard(1, 'a');
  return {
    factory,
    store,
    commit: () => store.commit([shardCommit(1, rangeId, [mutation('create', key, 's')])]),
    plan: (fault: StoreFault) => {
      next = fault;
    },
    isStored: async () => (await factory.reopen().openExecutionStore(0).loadExecution(key)) !== undefined,
  };
}

describe('memory store faults', () => {
  for (const [fault, stored, crashed] of [
    ['fail-before', false, false],
    ['fail-after', true, false],
    ['crash-before', false, true],
    ['crash-after', true, true],
  ] as const) {
    for (const answer of ['sync', 'promise'] as const) {
      test(`${fault} (${answer}): ${stored ? 'written' : 'not written'}, ${crashed ? 'refuses' : 'works'} afterwards`, async () => {
        const { store, commit, plan, isStored, factory } = await setUp({ answer });
        plan(fault);
        assert.ok((await failureOf(commit)) instanceof StoreUnavailableError);
        assert.equal(await isStored(), stored);
        assert.equal(factory.isCrashed, crashed);
        const read = async () => store.loadCurrent(1, 'n', 'w');
        if (crashed) assert.ok((await failureOf(read)) instanceof StoreUnavailableError);
        else assert.equal(await read(), undefined);
      });
    }
  }

  test('sync answers in the same turn, promise does not', async () => {
    const synchronous = new MemoryStoreFactory({ answer: 'sync' }).openExecutionStore(0).acquireShard(1, 'a');
    assert.ok(!(synchronous instanceof Promise));
    const later = new MemoryStoreFactory({ answer: 'promise' }).openExecutionStore(0).acquireShard(1, 'a');
    assert.ok(later instanceof Promise);
    await later;
  });

  test('a crash loses a commit that has not taken effect and keeps one that has, whatever the caller was told', async () => {
    for (const stage of ['before', 'after'] as const) {
      let release = () => {};
      const delay = (operation: string, at: 'before' | 'after') =>
        operation === 'commit' && at === stage ? new Promise<void>((resolve) => (release = resolve)) : undefined;
      const { commit, factory, isStored } = await setUp({ delay });
      const failure = failureOf(commit);
      await new Promise((resolve) => setImmediate(resolve));
      factory.crash();
      release();
      assert.ok((await failure) instanceof StoreUnavailableError);
      assert.equal(await isStored(), stage === 'after');
    }
  });

  test('a crash takes all stores of the process and none of another one over the same data', async () => {
    const factory = new MemoryStoreFactory();
    const other = factory.reopen();
    const stores = [factory.openExecutionStore(0), factory.openExecutionStore(1)];
    factory.crash();
    for (const store of stores)
      assert.ok((await failureOf(() => store.acquireShard(1, 'a'))) instanceof StoreUnavailableError);
    assert.ok((await failureOf(() => factory.openMetadataStore().getDocument('x'))) instanceof StoreUnavailableError);
    const { rangeId } = await other.openExecutionStore(0).acquireShard(1, 'b');
    assert.equal(rangeId, 1);
  });
});
