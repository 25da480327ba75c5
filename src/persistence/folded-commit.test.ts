// What a batch leaves behind when several of its commits are of one shard: they see each other as if they had been written one by one.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, text } from './contract/contract-backend.ts';
import { branch, mutation, node, shardCommit } from './contract/sample-mutation.ts';
import { FIRST, LAST, run } from './contract/store-under-test.ts';
import { type PartChange, PartKind, TaskCategory } from './execution-store.ts';
import { type FoldedCommit, foldCommits } from './folded-commit.ts';
import { ConditionFailedError, ShardFencedError } from './store-errors.ts';

const create = (state = 's', extras = {}) => mutation('create', run(1), state, extras);
const update = (state: string, extras = {}) => mutation('update', run(1), state, extras);
const task = (taskId: number, category: TaskCategory = TaskCategory.TRANSFER, fireTimeMs = 0) => ({
  ...{ category, fireTimeMs, taskId },
  data: bytes(`task ${taskId}`),
});
const part = (key: string, data: string | null): PartChange => ({
  ...{ kind: PartKind.TIMER, key },
  data: data === null ? null : bytes(data),
});
const tasksOf = ({ tasks }: FoldedCommit) =>
  tasks.map(({ shardId, category, fireTimeMs, taskId }) => `${shardId}/${category}/${fireTimeMs}/${taskId}`);
const partsOf = ({ runs }: FoldedCommit) =>
  [...runs[0]!.parts.values()].map(({ key, data }) => `${key}=${data === null ? null : text(data)}`);

describe('commits of one shard', () => {
  test('are one shard, with the info of the last that has one', () => {
    const { shards } = foldCommits([
      shardCommit(1, 7, [], { shardInfo: bytes('first') }),
      shardCommit(1, 7, [], { shardInfo: bytes('second') }),
      shardCommit(2, 3, []),
      shardCommit(1, 7, []),
    ]);
    assert.deepEqual(
      shards.map(({ shardId, rangeId, shardInfo }) => [shardId, rangeId, text(shardInfo)]),
      [
        [1, 7, 'second'],
        [2, 3, undefined],
      ],
    );
  });

  test('under different range ids are fenced, by the name of the shard', () => {
    assert.throws(
      () => foldCommits([shardCommit(2, 1, []), shardCommit(1, 7, []), shardCommit(1, 8, [])]),
      (error) => error instanceof ShardFencedError && error.shardId === 1,
    );
  });

  test('change a run one after the other: one condition, the last state', () => {
    const { runs } = foldCommits([shardCommit(1, 1, [create('first')]), shardCommit(1, 1, [update('second')])]);
    assert.equal(runs.length, 1);
    assert.deepEqual([runs[0]?.expected, text(runs[0]?.state ?? undefined)], ['absent', 'second']);
  });

  test('change the current run one after the other: the first one expects, the last one stays', () => {
    const toRun = (runId: string, expectedRunId: string) => ({
      current: { expectedRunId, row: { runId, data: bytes('') } },
    });
    const first = shardCommit(1, 1, [create('s', toRun('run-1', 'run-0'))]);
    const { currents } = foldCommits([first, shardCommit(1, 1, [update('s', toRun('run-2', 'run-1'))])]);
    assert.deepEqual(
      currents.map(({ expectedRunId, row }) => [expectedRunId, row?.runId]),
      [['run-0', 'run-2']],
    );
    const wrong = shardCommit(1, 1, [update('s', toRun('run-2', 'run-0'))]);
    assert.throws(() => foldCommits([first, wrong]), ConditionFailedError);
  });

  test('fail if a later one does not fit an earlier one', () => {
    const remove = shardCommit(1, 1, [mutation('delete', run(1), '')]);
    assert.throws(
      () => foldCommits([shardCommit(1, 1, [create()]), shardCommit(1, 1, [create()])]),
      ConditionFailedError,
    );
    assert.throws(() => foldCommits([remove, shardCommit(1, 1, [update('s')])]), ConditionFailedError);
  });

  test('write nodes and branches again: what was written last stays, deleted branches are marked', () => {
    const { nodes, branches } = foldCommits([
      shardCommit(1, 1, [create('s', { historyNodes: [node('t', 'a', 1, 'old')], newBranches: [branch('t', 'a')] })]),
      shardCommit(1, 1, [
        update('s', { historyNodes: [node('t', 'a', 1, 'new')], deletedBranches: [branch('t', 'a')] }),
      ]),
    ]);
    assert.deepEqual(
      nodes.map(({ data }) => text(data)),
      ['new'],
    );
    assert.deepEqual(
      branches.map(({ row, deleted }) => [row.branchId, deleted]),
      [['a', true]],
    );
  });

  test('the same ids in two shards stay apart', () => {
    const { runs, tasks } = foldCommits([
      shardCommit(1, 1, [create('s', { tasks: [task(1)] })]),
      shardCommit(2, 1, [create('s', { tasks: [task(1)] })]),
    ]);
    assert.deepEqual([runs.length, tasks.length], [2, 2]);
  });
});

describe('acknowledged tasks', () => {
  const all = { category: TaskCategory.TRANSFER, from: FIRST, to: LAST };
  const acknowledge = (taskDelete: typeof all, tasks: readonly ReturnType<typeof task>[] = []) =>
    shardCommit(1, 1, [update('s', { tasks })], { taskDeletes: [taskDelete] });

  test('of an earlier commit of the batch are not written; the store deletes those that it has', () => {
    const folded = foldCommits([shardCommit(1, 1, [create('s', { tasks: [task(1), task(2)] })]), acknowledge(all)]);
    assert.deepEqual(tasksOf(folded), []);
    assert.deepEqual(folded.taskDeletes, [{ shardId: 1, ...all }]);
  });

  test('are those from the first to before the last key', () => {
    const tasks = [task(1), task(2), task(3), task(1, TaskCategory.TRANSFER, 5)];
    const range = { ...all, from: { fireTimeMs: 0, taskId: 2 }, to: { fireTimeMs: 5, taskId: 1 } };
    const folded = foldCommits([shardCommit(1, 1, [create('s', { tasks })]), acknowledge(range)]);
    assert.deepEqual(tasksOf(folded), ['1/1/0/1', '1/1/5/1']);
  });

  test('are not those of another category or shard', () => {
    const others = shardCommit(2, 1, [mutation('create', run(2), 's', { tasks: [task(1)] })]);
    const timer = shardCommit(1, 1, [create('s', { tasks: [task(1, TaskCategory.TIMER)] })]);
    assert.deepEqual(tasksOf(foldCommits([others, timer, acknowledge(all)])), ['2/1/0/1', '1/2/0/1']);
  });

  test('are not those of the same commit, nor of later ones', () => {
    const later = shardCommit(1, 1, [update('s', { tasks: [task(1)] })]);
    const folded = foldCommits([
      shardCommit(1, 1, [create('s', { tasks: [task(1)] })]),
      acknowledge(all, [task(2)]),
      later,
    ]);
    assert.deepEqual(tasksOf(folded), ['1/1/0/2', '1/1/0/1']);
  });
});

describe('parts that are removed', () => {
  test('of a run that the batch creates are not there', () => {
    const folded = foldCommits([
      shardCommit(1, 1, [create('s', { parts: [part('1', 'a'), part('2', 'b')] })]),
      shardCommit(1, 1, [update('s', { parts: [part('1', null), part('3', null)] })]),
    ]);
    assert.deepEqual(partsOf(folded), ['2=b']);
  });

  test('of a run that the store has are removed from it', () => {
    const folded = foldCommits([
      shardCommit(1, 1, [update('s', { parts: [part('1', 'a')] })]),
      shardCommit(1, 1, [update('s', { parts: [part('1', null)] })]),
    ]);
    assert.deepEqual(partsOf(folded), ['1=null']);
  });

  test('and written again are there', () => {
    const parts = [part('1', 'a'), part('1', null), part('1', 'again')];
    assert.deepEqual(partsOf(foldCommits([shardCommit(1, 1, [create('s', { parts })])])), ['1=again']);
    assert.deepEqual(partsOf(foldCommits([shardCommit(1, 1, [update('s', { parts })])])), ['1=again']);
  });
});
