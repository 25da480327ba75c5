// What happens to entries when a shard changes hands: between processes, after a crash, and within one store.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, failureOf, text } from '../contract/contract-backend.ts';
import { shardCommit } from '../contract/sample-mutation.ts';
import { run } from '../contract/store-under-test.ts';
import { ShardFencedError } from '../store-errors.ts';
import { encodeEntry } from './journal-entry.ts';
import { create, createOf, JournalLab, update } from './testing/journal-lab.ts';

describe('shards that change hands', () => {
  test('an entry under a stale range id is refused and not written', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.acquire(1, lab.otherProcess());
    const error = await failureOf(() => lab.write(shard, create(1)));
    assert.ok(error instanceof ShardFencedError, String(error));
    assert.equal(error.shardId, 1);
    assert.deepEqual([await lab.journal(1), lab.store.backlog], [[], 0]);
  });

  test('the owner after a crash gets what is left in the journal, and no other shard does', async () => {
    const lab = new JournalLab();
    await lab.write(await lab.acquire(1), create(1));
    await lab.write(await lab.acquire(2), create(2));
    lab.crash();
    await lab.acquire(1, lab.otherProcess());
    assert.deepEqual(await lab.tables(run(1), run(2)), ['s', undefined]);
    assert.deepEqual([await lab.journal(1), await lab.journal(2)], [[], ['1: run-1 = s']]);
  });

  test('entries of two range ids are applied in order', async () => {
    const lab = new JournalLab();
    const append = async (rangeId: number, sequence: number, change: ReturnType<typeof create>) =>
      lab.outside.appendEntries([
        {
          ...{ shardId: 1, rangeId, sequence, conditions: undefined },
          data: encodeEntry({ change, shardInfo: undefined, taskDeletes: [] }),
        },
      ]);
    await lab.outside.acquireShard(1, 'first');
    await append(1, 7, create(1, 'run-1', 'first'));
    await append(1, 8, update(1, 'run-1', 'second'));
    await lab.outside.acquireShard(1, 'second');
    await append(2, 1, update(1, 'run-1', 'third'));
    assert.equal((await lab.acquire(1)).rangeId, 3);
    assert.deepEqual([await lab.tables(run(1)), await lab.journal(1)], [['third'], []]);
  });

  test('entries of a shard that another process has taken are dropped here; those of other shards get through', async () => {
    const lab = new JournalLab();
    const [lost, kept] = [await lab.acquire(1), await lab.acquire(2)];
    await lab.write(lost, create(1, 'run-1', 'old'));
    await lab.write(kept, create(2));
    const other = lab.otherProcess();
    const { rangeId } = await lab.acquire(1, other);
    await other.commit([shardCommit(1, rangeId, [update(1, 'run-1', 'new'), create(1, 'run-2')])]);
    await lab.store.catchUp();
    assert.deepEqual([await lab.tables(run(1), run(2)), lab.store.backlog], [['new', 's'], 0]);
  });

  test('a batch of a shard that another process has taken is refused; the backlog of other shards stays', async () => {
    const lab = new JournalLab();
    const [lost, kept] = [await lab.acquire(1), await lab.acquire(2)];
    await lab.write(lost, create(1, 'run-1', 'old'));
    await lab.write(kept, create(2));
    await lab.acquire(1, lab.otherProcess());
    const error = await failureOf(() => lab.write(lost, create(1, 'run-2'), create(1, 'run-3')));
    assert.ok(error instanceof ShardFencedError && error.shardId === 1, String(error));
    assert.equal(lab.store.backlog, 2);
    assert.equal(text((await lab.store.loadExecution(run(2)))?.state), 's');
    assert.deepEqual(await lab.tables(run(1), run(2), run(1, 'run-2')), ['old', 's', undefined]);
  });

  test('who has lost the shard may bring its entries to the tables: the new owner acquires again and reads the rest', async () => {
    const lab = new JournalLab({ answer: 'promise' });
    const former = lab.otherProcess();
    const { rangeId } = await lab.acquire(1, former);
    await former.commit([shardCommit(1, rangeId, [create(1)])]);
    const hold = lab.hold('readJournal', 'after');
    const acquiring = lab.acquire(1);
    await hold.reached;
    await former.catchUp();
    assert.deepEqual(await lab.tables(run(1)), ['s']);
    hold.release();
    assert.equal((await acquiring).rangeId, 3);
    assert.deepEqual([await lab.tables(run(1)), await lab.journal(1)], [['s'], []]);
  });

  test('the shard info is that of the last entry that is left with one, otherwise that of the tables', async () => {
    const lab = new JournalLab();
    const infoOf = async (shardId: number) =>
      text((await lab.otherProcess().acquireShard(shardId, 'other'))?.shardInfo);
    const { rangeId } = await lab.acquire(1);
    const change = () => [createOf(`workflow-${++workflows}`)];
    let workflows = 1;
    await lab.store.commit([shardCommit(1, rangeId, [], { shardInfo: bytes('first') })]);
    await lab.store.commit([shardCommit(1, rangeId, change(), { shardInfo: bytes('second') })]);
    await lab.store.commit([shardCommit(1, rangeId, change())]);
    assert.equal(lab.store.backlog, 4);
    assert.equal(await infoOf(1), 'second');
    assert.equal(await infoOf(1), 'second');
    const again = await lab.acquire(1);
    await lab.store.commit([shardCommit(1, again.rangeId, change())]);
    assert.equal(await infoOf(1), 'second');
  });

  test('the shard info is the one that the former owner brings to the tables meanwhile', async () => {
    const lab = new JournalLab({ answer: 'promise' });
    const former = lab.otherProcess();
    const { rangeId } = await lab.acquire(1, former);
    await former.commit([shardCommit(1, rangeId, [], { shardInfo: bytes('last') })]);
    const hold = lab.hold('readJournal', 'before');
    const acquiring = Promise.resolve(lab.store.acquireShard(1, 'host'));
    await hold.reached;
    await former.catchUp();
    hold.release();
    assert.equal(text((await acquiring).shardInfo), 'last');
  });

  test('acquired anew by the same store, the shard goes on with entries of its new range id', async () => {
    const lab = new JournalLab();
    await lab.write(await lab.acquire(1), create(1));
    const again = await lab.acquire(1);
    assert.deepEqual([await lab.tables(run(1)), lab.store.backlog], [['s'], 0]);
    await lab.write(again, update(1, 'run-1', 'changed'));
    assert.deepEqual(await lab.journal(1), ['2: run-1 = changed']);
    await lab.store.catchUp();
    assert.deepEqual([await lab.tables(run(1)), await lab.journal(1)], [['changed'], []]);
  });

  test('a late commit under an old range id leaves the entries of the new one, and asks nothing of the backend', async () => {
    const lab = new JournalLab();
    const old = await lab.acquire(1);
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    lab.calls();
    const error = await failureOf(() => lab.write(old, create(1, 'run-2'), create(1, 'run-3')));
    assert.ok(error instanceof ShardFencedError && error.shardId === 1, String(error));
    assert.deepEqual(lab.calls(), []);
    assert.equal(text((await lab.store.loadExecution(run(1)))?.state), 's');
    await lab.write(shard, create(1, 'run-2'));
    await lab.store.catchUp();
    assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['s', 's']);
  });
});
