// What entries come to as one commit: that of their changes one by one, with fewer rows.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, text } from '../contract/contract-backend.ts';
import { branch, type MutationExtras, mutation, node } from '../contract/sample-mutation.ts';
import { run } from '../contract/store-under-test.ts';
import {
  type ExecutionMutation,
  type PartChange,
  PartKind,
  type ShardCommit,
  TaskCategory,
} from '../execution-store.ts';
import { commitOfEntries } from './commit-of-entries.ts';
import { type EntryContent, encodeEntry } from './journal-entry.ts';
import { becomesCurrent, below, create, createOf, transferTask as task, update } from './testing/journal-lab.ts';

function commitOf(contents: readonly Partial<EntryContent>[], done?: ShardCommit['taskDeletes']): ShardCommit {
  const entries = contents.map((content, index) => {
    const data = encodeEntry({ ...{ change: undefined, shardInfo: undefined, taskDeletes: [] }, ...content });
    return { shardId: 1, rangeId: 7 + index, sequence: index, data };
  });
  return commitOfEntries(entries, done);
}

const commitOfChanges = (...changes: readonly ExecutionMutation[]) => commitOf(changes.map((change) => ({ change })));
const inWords = ({ executions }: ShardCommit) =>
  executions.map(({ kind, workflowId, runId, state }) => `${kind} ${workflowId}/${runId} = ${text(state)}`);
const tasksOf = ({ executions }: ShardCommit) => executions.flatMap(({ tasks }) => tasks.map(({ taskId }) => taskId));

function onlyChange(commit: ShardCommit): ExecutionMutation {
  assert.equal(commit.executions.length, 1);
  return commit.executions[0] as ExecutionMutation;
}

describe('changes', () => {
  test('of a run are one, with the kind of the first and the state of the last', () => {
    const created = commitOfChanges(create(1, 'run-1', '1'), update(1, 'run-1', '2'), update(1, 'run-1', '3'));
    assert.deepEqual(inWords(created), ['create workflow-1/run-1 = 3']);
    const updated = commitOfChanges(update(1, 'run-1', '1'), update(1, 'run-1', '2'));
    assert.deepEqual(inWords(updated), ['update workflow-1/run-1 = 2']);
  });

  test('of another run of the workflow keep them apart, those of other workflows do not', () => {
    const commit = commitOfChanges(
      create(1, 'run-1', '1'),
      createOf('other'),
      update(1, 'run-1', '2'),
      create(1, 'run-2', '3'),
      update(1, 'run-1', '4'),
      update(1, 'run-1', '5'),
      update(1, 'run-2', '6'),
    );
    assert.deepEqual(inWords(commit), [
      ...['create workflow-1/run-1 = 2', 'create other/run-1 = s', 'create workflow-1/run-2 = 3'],
      ...['update workflow-1/run-1 = 5', 'update workflow-1/run-2 = 6'],
    ]);
  });

  test('of the same ids in another namespace are of another run', () => {
    const elsewhere = mutation('create', { ...run(1), namespaceId: 'namespace-2' }, 'elsewhere');
    assert.deepEqual(inWords(commitOfChanges(create(1), elsewhere, update(1, 'run-1', '2'))), [
      'create workflow-1/run-1 = 2',
      'create workflow-1/run-1 = elsewhere',
    ]);
  });

  test('write all nodes, branches and tasks, in order', () => {
    const extras = (nodeId: number, branchId: string): MutationExtras => ({
      ...{ historyNodes: [node('tree', 'a', nodeId)], newBranches: [branch('tree', branchId)], tasks: [task(nodeId)] },
    });
    const change = onlyChange(
      commitOfChanges(
        create(1, 'run-1', 's', extras(1, 'a')),
        update(1, 'run-1', 's', { historyNodes: [node('tree', 'a', 1, 'again')] }),
        update(1, 'run-1', 's', extras(2, 'b')),
      ),
    );
    assert.deepEqual(
      change.historyNodes.map(({ nodeId, data }) => `${nodeId}/${text(data)}`),
      ['1/a:1', '1/again', '2/a:2'],
    );
    assert.deepEqual(
      change.newBranches.map(({ branchId }) => branchId),
      ['a', 'b'],
    );
    assert.deepEqual(
      change.tasks.map(({ taskId }) => taskId),
      [1, 2],
    );
  });

  test('of the current run expect what the first one does and leave what the last one writes', () => {
    const currentOf = (...changes: readonly ExecutionMutation[]) => {
      const { current } = onlyChange(commitOfChanges(...changes));
      return current && [current.expectedRunId, current.row?.runId];
    };
    const [none, first, second] = [{}, becomesCurrent('run-1', 'run-0'), becomesCurrent('run-1', 'run-1')];
    assert.deepEqual(currentOf(create(1, 'run-1', 's', first), update(1, 'run-1', 's', second)), ['run-0', 'run-1']);
    assert.deepEqual(currentOf(create(1, 'run-1', 's', first), update(1, 'run-1', 's', none)), ['run-0', 'run-1']);
    assert.deepEqual(currentOf(create(1, 'run-1', 's', none), update(1, 'run-1', 's', first)), ['run-0', 'run-1']);
    assert.equal(currentOf(create(1), update(1, 'run-1', 's')), undefined);
  });
});

describe('parts', () => {
  const part = (key: string, data: string | null, kind: PartKind = PartKind.TIMER): PartChange => ({
    ...{ kind, key },
    data: data === null ? null : bytes(data),
  });
  const partsOf = (kind: 'create' | 'update', ...changes: readonly (readonly PartChange[])[]) => {
    const [first, ...others] = changes.map((parts, index) =>
      mutation(index === 0 ? kind : 'update', run(1), 's', { parts }),
    );
    const { parts } = onlyChange(commitOfChanges(first as ExecutionMutation, ...others));
    return parts.map(({ kind, key, data }) => `${kind}/${key}=${data === null ? 'gone' : text(data)}`).sort();
  };

  test('of a run have their last value', () => {
    const changes = [[part('1', 'a'), part('2', 'b'), part('1', 'other', PartKind.ACTIVITY)], [part('1', 'c')], []];
    for (const kind of ['create', 'update'] as const)
      assert.deepEqual(partsOf(kind, ...changes), ['1/1=other', '2/1=c', '2/2=b']);
  });

  test('that a new run has lost again are not written', () => {
    assert.deepEqual(partsOf('create', [part('1', 'a'), part('2', 'b')], [part('1', null), part('3', null)]), [
      '2/2=b',
    ]);
  });

  test('that an older run has lost are removed from the tables', () => {
    assert.deepEqual(partsOf('update', [part('1', 'a')], [part('1', null), part('3', null)]), ['2/1=gone', '2/3=gone']);
  });

  test('that are back again are there', () => {
    for (const kind of ['create', 'update'] as const)
      assert.deepEqual(partsOf(kind, [part('1', 'a')], [part('1', null)], [part('1', 'b')]), ['2/1=b']);
  });
});

describe('tasks', () => {
  const creating = (...taskIds: readonly number[]) => ({
    change: create(1, 'run-1', 's', { tasks: taskIds.map(task) }),
  });

  test('that a later entry deletes are left out, and the tables delete those that they have', () => {
    const commit = commitOf([creating(1, 2), { taskDeletes: [below(2)] }]);
    assert.deepEqual(tasksOf(commit), [2]);
    assert.deepEqual(commit.taskDeletes, [below(2)]);
  });

  test('that an earlier entry or their own deletes are written', () => {
    assert.deepEqual(tasksOf(commitOf([{ taskDeletes: [below(9)] }, creating(1)])), [1]);
    assert.deepEqual(tasksOf(commitOf([{ ...creating(1), taskDeletes: [below(9)] }])), [1]);
  });

  test('that an entry deletes which stays behind are left out; it is not in the commit', () => {
    const commit = commitOf([creating(1, 2, 3), { taskDeletes: [below(2)] }], [below(3, 2)]);
    assert.deepEqual(tasksOf(commit), [3]);
    assert.deepEqual(commit.taskDeletes, [below(2)]);
  });

  test('are deleted from the first to before the last key, in their category', () => {
    const at = (fireTimeMs: number, taskId: number, category: TaskCategory = TaskCategory.TIMER) => ({
      ...{ category, fireTimeMs, taskId },
      data: bytes('t'),
    });
    const tasks = [at(5, 1), at(5, 2), at(6, 0), at(7, 3), at(7, 4), at(6, 0, TaskCategory.TRANSFER)];
    const change = create(1, 'run-1', 's', { tasks });
    const timers = {
      category: TaskCategory.TIMER,
      from: { fireTimeMs: 5, taskId: 2 },
      to: { fireTimeMs: 7, taskId: 4 },
    };
    const left = onlyChange(commitOf([{ change }, { taskDeletes: [timers] }])).tasks;
    assert.deepEqual(
      left.map(({ category, fireTimeMs, taskId }) => [category, fireTimeMs, taskId]),
      [
        [TaskCategory.TIMER, 5, 1],
        [TaskCategory.TIMER, 7, 4],
        [TaskCategory.TRANSFER, 6, 0],
      ],
    );
  });
});

describe('the commit', () => {
  test('has the last shard info, or none', () => {
    const infos = [{ shardInfo: bytes('first') }, { shardInfo: bytes('second') }, { change: create(1) }];
    assert.equal(text(commitOf(infos).shardInfo), 'second');
    assert.equal(commitOf([{ change: create(1) }]).shardInfo, undefined);
  });

  test("is its shard's, under the last range id", () => {
    const { shardId, rangeId } = commitOf([{ change: create(1) }, { shardInfo: bytes('info') }]);
    assert.deepEqual([shardId, rangeId], [1, 8]);
  });

  test('of entries without a change has none', () => {
    const commit = commitOf([{ taskDeletes: [below(2)] }, { taskDeletes: [below(5, 2)] }]);
    assert.deepEqual(commit.executions, []);
    assert.equal(commit.taskDeletes.length, 2);
  });
});
