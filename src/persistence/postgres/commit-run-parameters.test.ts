// Which commits have a function of their own. What it writes is the contract's to test.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes } from '../contract/contract-backend.ts';
import { branch, type MutationExtras, mutation, node, shardCommit } from '../contract/sample-mutation.ts';
import { PartKind, TaskCategory } from '../execution-store.ts';
import { COMMIT_RUN_STATEMENT, commitRunParameters } from './commit-run-parameters.ts';

const RUN = { shardId: 1, namespaceId: 'namespace', workflowId: 'workflow', runId: 'run' };
const START = {
  parts: [{ kind: PartKind.ACTIVITY, key: '5', data: bytes('p') }],
  newBranches: [branch('tree', 'branch')],
  historyNodes: [node('tree', 'branch', 1), node('tree', 'branch', 4)],
  current: { expectedRunId: '', row: { runId: 'run', data: bytes('c') } },
  tasks: [{ category: TaskCategory.TRANSFER, fireTimeMs: 0, taskId: 1, data: bytes('t') }],
} satisfies MutationExtras;

describe('a commit', () => {
  const parameters = (extras: MutationExtras, kind: 'create' | 'update' | 'delete' = 'create') =>
    commitRunParameters([shardCommit(1, 2, [mutation(kind, RUN, 'state', extras)])]);

  test('of one change of one run has a value for each parameter, whatever it writes', () => {
    const expected = COMMIT_RUN_STATEMENT.match(/\$\d+::/g)?.length;
    assert.equal(parameters(START)?.length, expected);
    assert.equal(parameters({}, 'update')?.length, expected);
    assert.equal(parameters({ historyNodes: START.historyNodes })?.length, expected);
  });

  test('of several runs or shards goes with all its rows in lists', () => {
    const change = mutation('update', RUN, 'state');
    const other = mutation('update', { ...RUN, runId: 'other' }, 'state');
    assert.equal(commitRunParameters([]), undefined);
    assert.equal(commitRunParameters([shardCommit(1, 2, [])]), undefined);
    assert.equal(commitRunParameters([shardCommit(1, 2, [change, other])]), undefined);
    assert.equal(commitRunParameters([shardCommit(1, 2, [change]), shardCommit(3, 2, [])]), undefined);
  });

  test('that also acknowledges tasks goes in lists', () => {
    const change = mutation('update', RUN, 'state');
    const key = { fireTimeMs: 0, taskId: 0 };
    const taskDeletes = [{ category: TaskCategory.TRANSFER, from: key, to: key }];
    assert.equal(commitRunParameters([shardCommit(1, 2, [change], { taskDeletes })]), undefined);
    assert.equal(commitRunParameters([shardCommit(1, 2, [change], { shardInfo: bytes('i') })]), undefined);
  });

  test('that removes a run, its row among the current ones or a branch goes in lists', () => {
    assert.equal(parameters({}, 'delete'), undefined);
    assert.equal(parameters({ current: { expectedRunId: 'run', row: null } }, 'update'), undefined);
    assert.equal(parameters({ deletedBranches: [branch('tree', 'branch')] }, 'update'), undefined);
  });

  test('of many rows goes in lists', () => {
    const tasks = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...START.tasks[0]!, taskId: index }));
    assert.ok(parameters({ tasks: tasks(200) }));
    assert.equal(parameters({ tasks: tasks(201) }), undefined);
  });

  test('with nodes of several branches goes in lists', () => {
    assert.equal(parameters({ newBranches: [branch('tree', 'a'), branch('tree', 'b')] }), undefined);
    assert.equal(parameters({ historyNodes: [node('tree', 'a', 1), node('tree', 'b', 1)] }), undefined);
    assert.equal(parameters({ newBranches: [branch('tree', 'a')], historyNodes: [node('tree', 'b', 1)] }), undefined);
  });
});
