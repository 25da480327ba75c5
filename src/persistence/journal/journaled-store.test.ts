// What goes to the journal and what to the tables, and who decides a change's conditions. How the tables catch up, shards that change hands,
// faults and slow answers have files of their own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, failureOf, text } from '../contract/contract-backend.ts';
import { branch, mutation, shardCommit } from '../contract/sample-mutation.ts';
import { run } from '../contract/store-under-test.ts';
import { PartKind, type ShardCommit } from '../execution-store.ts';
import { ConditionFailedError, ShardFencedError } from '../store-errors.ts';
import { encodeEntry } from './journal-entry.ts';
import { becomesCurrent, below, create, createOf, JournalLab, transferTask, update } from './testing/journal-lab.ts';

describe('what goes to the journal', () => {
  test('one change of one run, removed parts and a new current run included, is an entry and not in the tables', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1, 'run-1', 'first', becomesCurrent('run-1', '')));
    const parts = [{ kind: PartKind.TIMER, key: '5', data: null }];
    await lab.write(shard, update(1, 'run-1', 'second', { parts, tasks: [transferTask(1)] }));
    assert.deepEqual(await lab.journal(1), ['1: run-1 = first', '1: run-1 = second']);
    assert.deepEqual(await lab.tables(run(1)), [undefined]);
    assert.equal(lab.store.backlog, 2);
  });

  const infoAndDeletes = { shardInfo: bytes('info'), taskDeletes: [below(9)] };
  const toTheJournal: Readonly<Record<string, readonly [(range: number, other: number) => ShardCommit[], string[]]>> = {
    'changes of up to four workflows': [
      (range) => [
        shardCommit(
          1,
          range,
          ['a', 'b', 'c', 'd'].map((workflowId) => createOf(workflowId)),
        ),
      ],
      ['1: run-1 = s', '1: run-1 = s', '1: run-1 = s', '1: run-1 = s'],
    ],
    'a change with shard info and acknowledged tasks': [
      (range) => [shardCommit(1, range, [create(1)], infoAndDeletes)],
      ['1: info info, 1 deletes', '1: run-1 = s'],
    ],
    'shard info and acknowledged tasks without a change': [
      (range) => [shardCommit(1, range, [], infoAndDeletes)],
      ['1: info info, 1 deletes'],
    ],
    'four changes with what their shards acknowledge': [
      (range, other) => [
        shardCommit(1, range, [create(1), createOf('b'), createOf('c')], infoAndDeletes),
        shardCommit(2, other, [create(2)], infoAndDeletes),
      ],
      ['1: info info, 1 deletes', ...Array(3).fill('1: run-1 = s'), '1: info info, 1 deletes', '1: run-1 = s'],
    ],
    'changes of several shards, in one transaction': [
      (range, other) => [shardCommit(1, range, [create(1)]), shardCommit(2, other, [create(2)])],
      ['1: run-1 = s', '1: run-1 = s'],
    ],
  };
  for (const [what, [batchOf, expected]] of Object.entries(toTheJournal)) {
    test(`${what}`, async () => {
      const lab = new JournalLab();
      const [shard, other] = [await lab.acquire(1), await lab.acquire(2)];
      lab.calls();
      await lab.store.commit(batchOf(shard.rangeId, other.rangeId));
      assert.deepEqual(lab.calls(), ['commit']);
      assert.deepEqual([...(await lab.journal(1)), ...(await lab.journal(2))], expected);
      assert.deepEqual(
        [await lab.tables(run(1), run(2)), lab.store.backlog],
        [[undefined, undefined], expected.length],
      );
    });
  }

  test('entries of several shards: one that is refused takes the others with it', async () => {
    const lab = new JournalLab();
    const [shard, other] = [await lab.acquire(1), await lab.acquire(2)];
    const batches = [
      [shardCommit(1, shard.rangeId, [create(1)]), shardCommit(2, other.rangeId - 1, [create(2)])],
      [shardCommit(1, shard.rangeId, [create(1)]), shardCommit(2, other.rangeId, [update(2, 'run-1', 's')])],
    ];
    for (const batch of batches) await failureOf(() => lab.store.commit(batch));
    assert.deepEqual([await lab.journal(1), await lab.journal(2), lab.store.backlog], [[], [], 0]);
  });

  const branchRow = branch('tree', 'a');
  const many = Array.from({ length: 5 }, (_, index) => createOf(`other-${index}`));
  const toTheTables: Readonly<Record<string, (range: number, other: number) => readonly ShardCommit[]>> = {
    'five changes, one of the workflow that waits': (range) => [
      shardCommit(1, range, [...many.slice(1), create(1, 'run-2')]),
    ],
    'five entries of two shards': (range, other) => [
      shardCommit(1, range, [create(1, 'run-2'), createOf('b'), createOf('c')]),
      shardCommit(2, other, [createOf('b', 2), createOf('c', 2)]),
    ],
    'five changes and acknowledged tasks': (range) => [shardCommit(1, range, many, { taskDeletes: [below(9)] })],
    'five changes and shard info': (range) => [shardCommit(1, range, many, { shardInfo: bytes('info') })],
    'two changes of one workflow': (range) => [shardCommit(1, range, [create(1, 'run-2'), create(1, 'run-3')])],
    'a deleted branch': (range) => [shardCommit(1, range, [create(1, 'run-2', 's', { deletedBranches: [branchRow] })])],
    'a deleted current run': (range) => [
      shardCommit(1, range, [create(1, 'run-2', 's', { current: { expectedRunId: '', row: null } })]),
    ],
    'a deleted run': (range) => [shardCommit(1, range, [mutation('delete', run(1, 'run-4'), '')])],
    'a change larger than an entry': (range) => [shardCommit(1, range, [create(1, 'run-2', 'x'.repeat(6 * 1024))])],
  };
  for (const [what, batchOf] of Object.entries(toTheTables)) {
    test(`${what}: to the tables, in one transaction with what it depends on`, async () => {
      const lab = new JournalLab();
      const [shard, other] = [await lab.acquire(1), await lab.acquire(2)];
      await lab.write(shard, create(1));
      await lab.write(other, create(2, 'run-1', 's', becomesCurrent('run-1', '')));
      lab.calls();
      const batch = batchOf(shard.rangeId, other.rangeId);
      await lab.store.commit(batch);
      assert.deepEqual(lab.calls(), ['commit']);
      assert.deepEqual([await lab.journal(1), await lab.journal(2)], [[], ['1: run-1 = s']]);
      assert.deepEqual([await lab.tables(run(1), run(2)), lab.store.backlog], [['s', undefined], 1]);
      const written = batch.flatMap(({ shardId, executions }) => executions.map((change) => ({ shardId, ...change })));
      for (const change of written) {
        const expected = change.kind === 'delete' ? undefined : text(change.state);
        assert.deepEqual(await lab.tables(change), [expected]);
      }
    });
  }

  test('a batch that depends on nothing leaves everything in the journal', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    await lab.write(shard, ...many);
    assert.deepEqual([await lab.journal(1), await lab.tables(run(1))], [['1: run-1 = s'], [undefined]]);
  });

  test('a commit without content asks whether the shard is still owned', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    await lab.write(shard);
    assert.equal(lab.store.backlog, 1);
    await lab.acquire(1, lab.otherProcess());
    const error = await failureOf(() => lab.write(shard));
    assert.ok(error instanceof ShardFencedError, String(error));
  });

  test('the largest entry has 6 KiB', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    const ofSize = (runId: string, size: number) => create(1, runId, 'x'.repeat(size));
    const overhead =
      encodeEntry({ change: ofSize('run-1', 5000), shardInfo: undefined, taskDeletes: [] }).length - 5000;
    await lab.write(shard, ofSize('run-1', 6 * 1024 - overhead));
    assert.equal(lab.store.backlog, 1);
    await lab.write(shard, ofSize('run-2', 6 * 1024 - overhead + 1));
    assert.equal(lab.store.backlog, 0);
  });

  test('with as many entries as may wait, the next change takes them along', async () => {
    const lab = new JournalLab({ maxBacklog: 3 });
    const shard = await lab.acquire(1);
    for (const runId of ['run-1', 'run-2', 'run-3']) await lab.write(shard, create(1, runId));
    assert.equal(lab.store.backlog, 3);
    lab.calls();
    await lab.write(shard, create(1, 'run-4'));
    assert.deepEqual(lab.calls(), ['commit']);
    assert.deepEqual([await lab.journal(1), lab.store.backlog], [[], 0]);
    assert.deepEqual(await lab.tables(run(1), run(1, 'run-2'), run(1, 'run-3'), run(1, 'run-4')), ['s', 's', 's', 's']);
    await lab.write(shard, create(1, 'run-5'));
    assert.equal(lab.store.backlog, 1);
  });

  test('an empty batch does nothing', async () => {
    const lab = new JournalLab();
    await lab.write(await lab.acquire(1), create(1));
    lab.calls();
    await lab.store.commit([]);
    assert.deepEqual([lab.calls(), lab.store.backlog], [[], 1]);
  });

  test('a batch that is refused leaves the backlog in the journal, where the next commit takes it from', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    const error = await failureOf(() => lab.write(shard, create(1, 'run-2'), update(1, 'absent', 's')));
    assert.ok(error instanceof ConditionFailedError, String(error));
    assert.deepEqual(await lab.journal(1), ['1: run-1 = s']);
    assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), [undefined, undefined]);
    await lab.store.catchUp();
    assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['s', undefined]);
  });
});

describe('conditions', () => {
  const refused = async (commit: () => unknown) => {
    const error = await failureOf(commit);
    assert.ok(error instanceof ConditionFailedError, String(error));
  };

  test('a run that waits exists', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    await refused(() => lab.write(shard, create(1, 'run-1', 'again')));
    await lab.write(shard, update(1, 'run-1', 'changed'));
    assert.deepEqual(await lab.journal(1), ['1: run-1 = s', '1: run-1 = changed']);
    await lab.store.catchUp();
    assert.deepEqual(await lab.tables(run(1)), ['changed']);
  });

  test('of a run that does not wait the tables know whether it exists', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1));
    await lab.store.catchUp();
    await refused(() => lab.write(shard, create(1)));
    await refused(() => lab.write(shard, update(1, 'run-2', 's')));
    assert.deepEqual(await lab.journal(1), []);
    await lab.write(shard, update(1, 'run-1', 'changed'));
    assert.deepEqual(await lab.journal(1), ['1: run-1 = changed']);
  });

  test('I4: the current run that waits decides', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1, 'run-1', 's', becomesCurrent('run-1', '')));
    await lab.write(shard, update(1, 'run-1', 'changed'));
    await refused(() => lab.write(shard, create(1, 'run-2', 's', becomesCurrent('run-2', ''))));
    await lab.write(shard, create(1, 'run-2', 's', becomesCurrent('run-2', 'run-1')));
    await refused(() => lab.write(shard, update(1, 'run-1', 's', becomesCurrent('run-1', 'run-1'))));
    assert.deepEqual(await lab.journal(1), ['1: run-1 = s', '1: run-1 = changed', '1: run-2 = s']);
    assert.equal((await lab.store.loadCurrent(1, 'namespace-1', 'workflow-1'))?.runId, 'run-2');
  });

  test('I4: the current run of the tables decides, also behind entries that leave it as it is', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1, 'run-0'), create(1, 'run-1', 's', becomesCurrent('run-1', '')));
    await lab.write(shard, update(1, 'run-0', 'changed'));
    await refused(() => lab.write(shard, create(1, 'run-2', 's', becomesCurrent('run-2', ''))));
    await lab.write(shard, create(1, 'run-2', 's', becomesCurrent('run-2', 'run-1')));
    assert.deepEqual(await lab.journal(1), ['1: run-0 = changed', '1: run-2 = s']);
  });

  test('what the tables have got decides nothing any more', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1, 'run-1', 's', becomesCurrent('run-1', '')));
    const noCurrent = { current: { expectedRunId: 'run-1', row: null } };
    await lab.write(shard, mutation('delete', run(1), '', noCurrent));
    await refused(() => lab.write(shard, update(1, 'run-1', 's')));
    await lab.write(shard, create(1, 'run-1', 'again', becomesCurrent('run-1', '')));
    assert.deepEqual(await lab.journal(1), ['1: run-1 = again']);
  });

  test('the same ids in another shard decide nothing', async () => {
    const lab = new JournalLab();
    const [shard, other] = [await lab.acquire(1), await lab.acquire(2)];
    await lab.write(shard, create(1, 'run-1', 's', becomesCurrent('run-1', '')));
    await lab.write(other, create(2, 'run-1', 's', becomesCurrent('run-1', '')));
    await refused(() => lab.write(other, update(2, 'run-2', 's')));
  });
});
