// Transactions that nobody answered, answers that take their time, and stores that crash or close while entries wait: nothing is lost and
// nothing is written twice. A create that is applied twice fails, which is why most entries here are creates.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { failureOf, text } from '../contract/contract-backend.ts';
import { shardCommit } from '../contract/sample-mutation.ts';
import { run } from '../contract/store-under-test.ts';
import type { StoreFault } from '../memory/fault-gate.ts';
import { StoreUnavailableError } from '../store-errors.ts';
import { EntriesTakenError, type JournalBackend } from './journal-backend.ts';
import { JournaledExecutionStore } from './journaled-store.ts';
import { create, JournalLab, type OwnedShard, update } from './testing/journal-lab.ts';

async function isUnavailable(operation: () => unknown): Promise<void> {
  const error = await failureOf(operation);
  assert.ok(error instanceof StoreUnavailableError, String(error));
}

/** What the shard's new owner finds: all that is durable is in the tables and nothing is left in the journal. */
async function restart(lab: JournalLab, shardId: number): Promise<void> {
  lab.crash();
  await lab.acquire(shardId, lab.otherProcess());
  assert.deepEqual(await lab.journal(shardId), []);
}

for (const answer of ['sync', 'promise'] as const) {
  describe(`a catch-up whose outcome is unknown (${answer})`, () => {
    async function withTwoShards(): Promise<{ lab: JournalLab; shards: readonly [OwnedShard, OwnedShard] }> {
      const lab = new JournalLab({ answer });
      const shards = [await lab.acquire(1), await lab.acquire(2)] as const;
      await lab.write(shards[0], create(1));
      await lab.write(shards[1], create(2));
      return { lab, shards };
    }

    for (const fault of ['fail-before', 'fail-after'] as const) {
      const arrived = fault === 'fail-after';

      test(`${fault}: the next commit loses nothing and writes nothing twice`, async () => {
        const { lab, shards } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.store.catchUp());
        assert.deepEqual(await lab.tables(run(1), run(2)), arrived ? ['s', 's'] : [undefined, undefined]);
        await lab.write(shards[0], create(1, 'run-2'), create(1, 'run-3'));
        assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['s', 's']);
        await lab.store.catchUp();
        assert.deepEqual(await lab.tables(run(1), run(2), run(1, 'run-2')), ['s', 's', 's']);
        assert.deepEqual([await lab.journal(1), await lab.journal(2), lab.store.backlog], [[], [], 0]);
      });

      test(`${fault}: entries go on, and the tables get each once`, async () => {
        const { lab, shards } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.store.catchUp());
        await lab.write(shards[0], update(1, 'run-1', 'changed'));
        await lab.write(shards[1], create(2, 'run-2'));
        assert.equal((await lab.journal(1)).length, arrived ? 1 : 2);
        await lab.store.catchUp();
        assert.deepEqual(await lab.tables(run(1), run(2), run(2, 'run-2')), ['changed', 's', 's']);
        assert.deepEqual([await lab.journal(1), await lab.journal(2), lab.store.backlog], [[], [], 0]);
      });

      test(`${fault}: of a batch with the backlog: both are there, or neither`, async () => {
        const { lab, shards } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.write(shards[0], update(1, 'run-1', 'changed'), create(1, 'run-2')));
        const again = await lab.acquire(1);
        await lab.write(again, update(1, 'run-1', 'last'), create(1, 'run-3'));
        await lab.store.catchUp();
        const expected = ['last', arrived ? 's' : undefined, 's', 's'];
        assert.deepEqual(await lab.tables(run(1), run(1, 'run-2'), run(1, 'run-3'), run(2)), expected);
        assert.equal(lab.store.backlog, 0);
      });

      test(`${fault}: a read that made the tables catch up fails, the next one answers`, async () => {
        const { lab } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.store.loadExecution(run(1)));
        assert.equal(text((await lab.store.loadExecution(run(1)))?.state), 's');
        assert.equal(text((await lab.store.loadExecution(run(2)))?.state), 's');
      });

      test(`${fault}: the shard's next owner has everything once`, async () => {
        const { lab } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.store.catchUp());
        await restart(lab, 1);
        assert.deepEqual(await lab.tables(run(1)), ['s']);
      });

      test(`${fault} of an entry: the shard acquired anew knows whether it was written`, async () => {
        const { lab, shards } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.write(shards[0], create(1, 'run-2')));
        const again = await lab.acquire(1);
        assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['s', arrived ? 's' : undefined]);
        await lab.write(again, arrived ? update(1, 'run-2', 'changed') : create(1, 'run-2', 'changed'));
        await lab.store.catchUp();
        assert.deepEqual(await lab.tables(run(1, 'run-2')), ['changed']);
      });
    }

    test('a journal that cannot be read when entries are gone is read by the next try', async () => {
      const { lab } = await withTwoShards();
      lab.plan('commit', 'fail-after');
      await isUnavailable(() => lab.store.catchUp());
      lab.plan('readJournal', 'fail-before');
      await isUnavailable(() => lab.store.catchUp());
      assert.equal(lab.store.backlog, 2);
      await lab.store.catchUp();
      assert.deepEqual([await lab.tables(run(1), run(2)), lab.store.backlog], [['s', 's'], 0]);
    });

    test('entries that the backend calls taken while the journal has them: no endless tries', async () => {
      const lab = new JournalLab({ answer });
      const commit: JournalBackend['commit'] = () => {
        throw new EntriesTakenError();
      };
      const backend: JournalBackend = Object.create(lab.backend, { commit: { value: commit } });
      const store = new JournaledExecutionStore(backend, { maxBacklog: 8 });
      for (const shardId of [1, 2]) {
        const { rangeId } = await lab.acquire(shardId, store);
        await store.commit([shardCommit(shardId, rangeId, [create(shardId)])]);
      }
      await isUnavailable(() => store.catchUp());
      assert.equal(store.backlog, 2);
      assert.equal((await lab.journal(1)).length, 1);
    });

    test('what is left when acquiring fails is there for the next try', async () => {
      for (const fault of ['fail-before', 'fail-after'] as const) {
        const { lab } = await withTwoShards();
        lab.plan('commit', fault);
        await isUnavailable(() => lab.acquire(1));
        assert.equal((await lab.acquire(1)).rangeId, 3);
        assert.deepEqual([await lab.tables(run(1)), await lab.journal(1)], [['s'], []]);
      }
    });

    for (const fault of [undefined, 'fail-before', 'fail-after'] as const) {
      test(`a store is closed once, when the tables have caught up as far as they can (${fault ?? 'no fault'})`, async () => {
        const lab = new JournalLab({ answer });
        const closedWith: Promise<string[]>[] = [];
        const close = () => void closedWith.push(lab.journal(1));
        const backend: JournalBackend = Object.create(lab.backend, { close: { value: close } });
        const store = new JournaledExecutionStore(backend, { maxBacklog: 100 });
        const { rangeId } = await lab.acquire(1, store);
        await store.commit([shardCommit(1, rangeId, [create(1)])]);
        if (fault !== undefined) lab.plan('commit', fault);
        await store.close();
        await store.close();
        assert.deepEqual(await Promise.all(closedWith), [fault === 'fail-before' ? ['1: run-1 = s'] : []]);
        assert.deepEqual(await lab.tables(run(1)), [fault === 'fail-before' ? undefined : 's']);
      });
    }
  });
}

describe('answers that take their time', () => {
  async function catchingUp(fault?: StoreFault) {
    const lab = new JournalLab({ answer: 'promise' });
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    const hold = lab.hold('commit', 'before');
    if (fault !== undefined) lab.plan('commit', fault);
    lab.calls();
    const first = Promise.resolve(lab.store.catchUp());
    await hold.reached;
    return { lab, shard, first, release: hold.release };
  }

  test('a batch waits for a catch-up in flight', async () => {
    const { lab, shard, first, release } = await catchingUp();
    const batch = lab.write(shard, update(1, 'run-1', 'changed'), create(1, 'run-2'));
    await setImmediate();
    assert.deepEqual(lab.calls(), ['commit']);
    release();
    await Promise.all([first, batch]);
    assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['changed', 's']);
    assert.equal(lab.store.backlog, 0);
  });

  test('a read waits for a catch-up in flight and sees what it writes', async () => {
    const { lab, first, release } = await catchingUp();
    const read = Promise.resolve(lab.store.loadExecution(run(1)));
    await setImmediate();
    assert.deepEqual(lab.calls(), ['commit']);
    release();
    assert.equal(text((await read)?.state), 's');
    await first;
    assert.deepEqual(lab.calls(), ['loadExecution']);
  });

  for (const fault of ['fail-before', 'fail-after'] as const) {
    test(`a batch that waits for a catch-up in flight takes the backlog along if that fails (${fault})`, async () => {
      const { lab, shard, first, release } = await catchingUp(fault);
      const batch = lab.write(shard, update(1, 'run-1', 'changed'), create(1, 'run-2'));
      release();
      await isUnavailable(() => first);
      await batch;
      assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['changed', 's']);
      assert.deepEqual([await lab.journal(1), lab.store.backlog], [[], 0]);
    });
  }

  test('an entry does not wait for a catch-up in flight, which leaves it in the journal', async () => {
    const { lab, shard, first, release } = await catchingUp();
    await lab.write(shard, update(1, 'run-1', 'changed'));
    release();
    await first;
    assert.deepEqual(await lab.journal(1), ['1: run-1 = changed']);
    assert.equal(lab.store.backlog, 1);
    await restart(lab, 1);
    assert.deepEqual(await lab.tables(run(1)), ['changed']);
  });

  test('an entry that is answered after the shard was acquired anew is not applied twice', async () => {
    const lab = new JournalLab({ answer: 'promise' });
    const shard = await lab.acquire(1);
    const hold = lab.hold('commit', 'after');
    const late = lab.write(shard, create(1));
    await hold.reached;
    const again = await lab.acquire(1);
    assert.deepEqual(await lab.tables(run(1)), ['s']);
    hold.release();
    await late;
    assert.equal(lab.store.backlog, 0);
    await lab.write(again, update(1, 'run-1', 'changed'), create(1, 'run-2'));
    assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['changed', 's']);
  });

  test('a catch-up that is answered after the shard was acquired anew is not applied twice', async () => {
    const lab = new JournalLab({ answer: 'promise' });
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    const hold = lab.hold('commit', 'after');
    const late = Promise.resolve(lab.store.catchUp());
    await hold.reached;
    const again = await lab.acquire(1);
    await lab.write(again, update(1, 'run-1', 'changed'));
    hold.release();
    await late;
    assert.equal(lab.store.backlog, 1);
    await lab.store.catchUp();
    assert.deepEqual([await lab.tables(run(1)), await lab.journal(1)], [['changed'], []]);
  });
});

describe('entries that arrive by other hands', () => {
  test('an entry written while the journal is looked at stays', async () => {
    const lab = new JournalLab({ answer: 'promise' });
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    lab.plan('commit', 'fail-after');
    await isUnavailable(() => lab.store.catchUp());
    const hold = lab.hold('readJournal', 'after');
    const catchUp = Promise.resolve(lab.store.catchUp(1));
    await hold.reached;
    await lab.write(shard, create(1, 'run-2'));
    hold.release();
    await catchUp;
    assert.deepEqual([await lab.journal(1), lab.store.backlog], [['1: run-2 = s'], 1]);
    assert.equal(text((await lab.store.loadExecution(run(1, 'run-2')))?.state), 's');
  });

  test('a catch-up that comes late leaves the entries of the new range id', async () => {
    const lab = new JournalLab({ answer: 'promise' });
    await lab.write(await lab.acquire(1), create(1));
    const hold = lab.hold('commit', 'before');
    const late = Promise.resolve(lab.store.catchUp(0));
    await hold.reached;
    await lab.write(await lab.acquire(1), create(1, 'run-2'));
    hold.release();
    await late;
    assert.equal(text((await lab.store.loadExecution(run(1, 'run-2')))?.state), 's');
    assert.deepEqual([await lab.tables(run(1)), await lab.journal(1), lab.store.backlog], [['s'], [], 0]);
  });

  test('a transaction that arrives before the next try does: entries are applied once', async () => {
    const lab = new JournalLab();
    let arrives: (() => unknown) | undefined;
    /** A connection breaks while the server goes on. */
    const commit: JournalBackend['commit'] = (batch, applied) => {
      if (arrives === undefined) {
        arrives = () => lab.backend.commit(batch, applied);
        throw new StoreUnavailableError('commit: the connection is lost');
      }
      arrives();
      arrives = () => {};
      return lab.backend.commit(batch, applied);
    };
    const backend: JournalBackend = Object.create(lab.backend, { commit: { value: commit } });
    const store = new JournaledExecutionStore(backend, { maxBacklog: 8 });
    const { rangeId } = await lab.acquire(1, store);
    await store.commit([shardCommit(1, rangeId, [create(1)])]);
    await isUnavailable(() => store.catchUp());
    await store.commit([shardCommit(1, rangeId, [update(1, 'run-1', 'changed'), create(1, 'run-2')])]);
    assert.deepEqual([await lab.tables(run(1), run(1, 'run-2')), store.backlog], [['changed', 's'], 0]);
  });
});
