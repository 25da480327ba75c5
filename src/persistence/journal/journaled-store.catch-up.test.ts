// How the tables catch up: which entries a call, a read or a batch brings to them, and that the outcome is that of the changes one by one.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, text } from '../contract/contract-backend.ts';
import { branch, node, shardCommit } from '../contract/sample-mutation.ts';
import { FIRST, LAST, run } from '../contract/store-under-test.ts';
import { type ExecutionStore, PartKind, TaskCategory } from '../execution-store.ts';
import type { JournalBackend } from './journal-backend.ts';
import { JournaledExecutionStore } from './journaled-store.ts';
import {
  becomesCurrent,
  below,
  create,
  createOf,
  JournalLab,
  type OwnedShard,
  transferTask as task,
  update,
} from './testing/journal-lab.ts';
import { tablesOf } from './testing/reads-in-words.ts';

const acknowledge = (lab: JournalLab, { shardId, rangeId }: OwnedShard, taskId: number, info?: string) =>
  lab.store.commit([
    shardCommit(shardId, rangeId, [], {
      taskDeletes: [below(taskId)],
      shardInfo: info === undefined ? info : bytes(info),
    }),
  ]);

describe('catchUp', () => {
  test('brings entries to the tables that so many earlier calls have seen', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    for (const workflowId of ['a', 'b', 'c']) {
      await lab.write(shard, createOf(workflowId));
      await lab.store.catchUp(2);
    }
    assert.deepEqual(await lab.tables(run(1, 'run-1', 'a'), run(1, 'run-1', 'b')), ['s', undefined]);
    assert.equal(lab.store.backlog, 2);
    await lab.store.catchUp(1);
    assert.deepEqual(await lab.tables(run(1, 'run-1', 'b'), run(1, 'run-1', 'c')), ['s', 's']);
    assert.deepEqual([await lab.journal(1), lab.store.backlog], [[], 0]);
    lab.calls();
    await lab.store.catchUp();
    assert.deepEqual(lab.calls(), []);
  });

  test('without a number brings all', async () => {
    const lab = new JournalLab();
    await lab.write(await lab.acquire(1), create(1));
    await lab.write(await lab.acquire(2), create(2));
    lab.calls();
    await lab.store.catchUp();
    assert.deepEqual(lab.calls(), ['commit']);
    assert.deepEqual([await lab.tables(run(1), run(2)), lab.store.backlog], [['s', 's'], 0]);
  });

  test('an entry is not there for a call in flight when it was written', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.store.catchUp(1);
    await lab.write(shard, create(1));
    await lab.store.catchUp(1);
    assert.equal(lab.store.backlog, 1);
    await lab.store.catchUp(1);
    assert.equal(lab.store.backlog, 0);
  });

  test('the tables get all that the changes of a run wrote, in order with those of the other runs of its workflow', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    const part = (key: string, data: string | null) => ({
      kind: PartKind.TIMER,
      key,
      data: data === null ? null : bytes(data),
    });
    const tree = 'workflow-1';
    const written = (id: number, branchId: string) => ({
      ...{ tasks: [task(id)], historyNodes: [node(tree, 'a', id)], newBranches: [branch(tree, branchId)] },
    });
    await lab.write(
      shard,
      create(1, 'run-0', 's', { parts: [part('1', 'old'), part('2', 'kept')] }),
      create(1, 'run-9'),
    );
    await lab.write(shard, update(1, 'run-0', 's', { parts: [part('1', 'new')] }));
    await lab.write(shard, update(1, 'run-0', 's', { parts: [part('1', null)] }));
    await lab.write(shard, create(1, 'run-1', '1', { parts: [part('1', 'a'), part('2', 'b')], ...written(1, 'a') }));
    await lab.write(shard, update(1, 'run-1', '2', { parts: [part('1', null)], ...becomesCurrent('run-1', '') }));
    await lab.write(shard, update(1, 'run-1', '3', { ...written(2, 'b'), ...becomesCurrent('run-1', 'run-1') }));
    await lab.write(shard, create(1, 'run-2', '1', { ...becomesCurrent('run-2', 'run-1'), tasks: [task(3)] }));
    await lab.write(shard, update(1, 'run-1', '4', { historyNodes: [node(tree, 'a', 2, 'again')] }));
    await lab.write(shard, update(1, 'run-2', '2', { historyNodes: [node(tree, 'a', 2, 'last')] }));
    await lab.store.catchUp();
    const found = await tablesOf(lab.outside, [run(1, 'run-0'), run(1), run(1, 'run-2')]);
    assert.deepEqual(found.get('1/workflow-1/run-0'), ['s', ['2/2/kept']]);
    assert.deepEqual(found.get('1/workflow-1/run-1'), ['4', ['2/2/b']]);
    assert.deepEqual(found.get('1/workflow-1/run-2'), ['2', []]);
    assert.deepEqual(found.get('1/workflow-1: loadCurrent'), ['run-2', 'current run-2']);
    assert.deepEqual(found.get('1: transfer tasks'), ['0/1/t', '0/2/t', '0/3/t']);
    assert.deepEqual(found.get('1/workflow-1: readHistory'), [['a/1/a:1', 'a/2/last'], false]);
    assert.equal((await lab.outside.listBranches(1, tree)).length, 2);
  });

  test('tasks that wait are acknowledged like those of the tables', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1, 'run-1', 's', { tasks: [task(1), task(2)] }));
    await acknowledge(lab, shard, 2);
    await lab.store.catchUp();
    assert.deepEqual(await lab.taskIds(1), [2]);
  });

  test('tasks that an acknowledgement behind them waits for do not get to the tables', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, create(1, 'run-1', 's', { tasks: [task(1), task(2)] }));
    await lab.store.catchUp(1);
    await acknowledge(lab, shard, 2);
    await lab.store.catchUp(1);
    assert.deepEqual([await lab.taskIds(1), lab.store.backlog], [[2], 1]);
  });

  test('the tables get the last shard info', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await acknowledge(lab, shard, 2, 'first');
    await acknowledge(lab, shard, 3, 'second');
    await lab.store.catchUp();
    assert.equal(text((await lab.outside.acquireShard(1, 'other')).shardInfo), 'second');
  });
});

describe('acknowledgements beside a change', () => {
  async function taken(extras: Parameters<typeof shardCommit>[3], before: Parameters<typeof shardCommit>[3] = {}) {
    const lab = new JournalLab();
    const { rangeId } = await lab.acquire(1);
    const first = createOf('a', 1, { tasks: [task(1), task(2)] });
    await lab.store.commit([shardCommit(1, rangeId, [first], before)]);
    await lab.store.commit([shardCommit(1, rangeId, [createOf('b')], extras)]);
    return { lab, rangeId };
  }

  test('hold when a read takes its workflow first', async () => {
    const { lab } = await taken({ taskDeletes: [below(2)] });
    await lab.store.loadExecution(run(1, 'run-1', 'b'));
    await lab.store.catchUp();
    assert.deepEqual(await lab.taskIds(1), [2]);
  });

  test('hold when a batch takes its workflow first', async () => {
    const { lab, rangeId } = await taken({ taskDeletes: [below(2)] });
    const deletion = { ...createOf('b'), kind: 'delete' as const };
    await lab.store.commit([shardCommit(1, rangeId, [deletion])]);
    await lab.store.catchUp();
    assert.deepEqual(await lab.taskIds(1), [2]);
  });

  test('leave the last shard info', async () => {
    const { lab } = await taken({ shardInfo: bytes('second') }, { shardInfo: bytes('first') });
    await lab.store.loadExecution(run(1, 'run-1', 'b'));
    await lab.store.catchUp();
    assert.equal(text((await lab.outside.acquireShard(1, 'other')).shardInfo), 'second');
  });
});

describe('reads', () => {
  const everything = create(1, 'run-1', 's', {
    ...becomesCurrent('run-1', ''),
    newBranches: [branch('forks', 'a')],
    historyNodes: [node('tree', 'a', 1)],
    tasks: [task(1)],
  });
  const historyOf = (shardId: number, treeId: string) => ({
    ...{ shardId, treeId, segments: [{ branchId: 'a', minNodeId: 1, endNodeId: 100 }] },
    ...{ minNodeId: 1, endNodeId: 100, limit: 10, reverse: false },
  });
  const reads = {
    loadExecution: async (store: ExecutionStore) => text((await store.loadExecution(run(1)))?.state),
    loadCurrent: async (store: ExecutionStore) => (await store.loadCurrent(1, 'namespace-1', 'workflow-1'))?.runId,
    listCurrentKeys: async (store: ExecutionStore) =>
      (await store.listCurrentKeys?.(1, undefined, 10))?.[0]?.workflowId,
    readHistory: async (store: ExecutionStore) => text((await store.readHistory(historyOf(1, 'tree'))).nodes[0]?.data),
    listBranches: async (store: ExecutionStore) => (await store.listBranches(1, 'forks'))[0]?.branchId,
    readTasks: async (store: ExecutionStore) =>
      (await store.readTasks(1, TaskCategory.TRANSFER, FIRST, LAST, 10))[0]?.taskId,
    listExecutions: async (store: ExecutionStore) => text((await store.listExecutions(1, '', 10)).executions[0]?.state),
  };
  for (const [name, read] of Object.entries(reads)) {
    test(`${name} sees what waits: the tables catch up first`, async () => {
      const lab = new JournalLab();
      await lab.write(await lab.acquire(1), everything);
      assert.equal(await read(lab.outside), undefined);
      const found = await read(lab.store);
      assert.notEqual(found, undefined);
      assert.equal(await read(lab.outside), found);
      assert.deepEqual([await lab.journal(1), lab.store.backlog], [[], 0]);
    });
  }

  for (const [name, read] of Object.entries(reads)) {
    const isOfWorkflow = ['loadExecution', 'loadCurrent', 'readHistory', 'listBranches'].includes(name);
    test(`${name} takes along the entries of its ${isOfWorkflow ? 'workflow' : 'shard'}`, async () => {
      const lab = new JournalLab();
      const [shard, other] = [await lab.acquire(1), await lab.acquire(2)];
      await lab.write(shard, createOf('before'));
      await lab.write(shard, everything);
      await lab.write(other, create(2));
      await lab.write(shard, createOf('after'));
      await lab.write(shard, create(1, 'run-2', 'of the same workflow'));
      await read(lab.store);
      assert.deepEqual(await lab.journal(1), isOfWorkflow ? ['1: run-1 = s', '1: run-1 = s'] : []);
      assert.deepEqual(await lab.tables(run(1), run(1, 'run-2')), ['s', 'of the same workflow']);
      assert.equal((await lab.journal(2)).length, 1);
    });
  }

  test('reads of other shards, workflows and trees leave the journal alone', async () => {
    const lab = new JournalLab();
    await lab.acquire(2);
    await lab.write(await lab.acquire(1), everything);
    await lab.store.loadExecution(run(1, 'run-1', 'workflow-2'));
    await lab.store.loadExecution(run(2));
    await lab.store.loadCurrent(1, 'namespace-1', 'workflow-2');
    await lab.store.listCurrentKeys?.(2, undefined, 10);
    await lab.store.readHistory(historyOf(1, 'other tree'));
    await lab.store.listBranches(2, 'forks');
    await lab.store.readTasks(2, TaskCategory.TRANSFER, FIRST, LAST, 10);
    await lab.store.listExecutions(2, '', 10);
    assert.equal((await lab.journal(1)).length, 1);
  });

  test('a read of what the tables have got leaves the journal alone', async () => {
    const lab = new JournalLab();
    const shard = await lab.acquire(1);
    await lab.write(shard, everything);
    await lab.store.catchUp();
    await lab.write(shard, createOf('other'));
    for (const name of ['loadExecution', 'loadCurrent', 'readHistory', 'listBranches'] as const)
      await reads[name](lab.store);
    assert.deepEqual(await lab.journal(1), ['1: run-1 = s']);
  });

  test('listCurrentKeys is there if the backend has it', () => {
    const { backend } = new JournalLab();
    const without: JournalBackend = Object.create(backend, { listCurrentKeys: { value: undefined } });
    assert.equal(new JournaledExecutionStore(without, { maxBacklog: 1 }).listCurrentKeys, undefined);
    assert.notEqual(new JournaledExecutionStore(backend, { maxBacklog: 1 }).listCurrentKeys, undefined);
  });
});
