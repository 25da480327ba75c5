// A decision on an activity without a workflow, without a store.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityExecutionState } from '#proto/ostinato/persistence/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { testNamespace } from '../testing/history-fixture.ts';
import { ActivityExecution } from './activity-execution.ts';
import { bytes, text } from './testing/scenario.ts';

test('a decision that fails leaves nothing', async () => {
  const clock = new VirtualClock();
  const environment = { nowMs: () => clock.nowMs(), nextTaskId: () => 1, failoverVersion: () => 0 };
  const state = { ...ActivityExecutionState.decode(Buffer.alloc(0)), attempt: 1 };
  const execution = new ActivityExecution(environment as never, testNamespace, state, true);
  execution.setContent('heartbeat', text('kept'));
  assert.throws(
    () =>
      execution.decide(() => {
        execution.state.attempt = 2;
        execution.setContent('heartbeat', text('lost'));
        execution.setContent('failure', text('lost'));
        execution.addTask(TaskCategory.TRANSFER, {});
        execution.markVisibility();
        throw new Error('refused');
      }),
    /refused/,
  );
  assert.deepEqual([execution.state.attempt, execution.state.stateTransitionCount], [1, 0]);
  const { tasks, parts } = execution.takeMutation(undefined, 0, () => {});
  assert.deepEqual(tasks, []);
  assert.deepEqual(
    parts.map(({ key, data }) => [key, bytes(data ?? undefined)]),
    [['heartbeat', bytes(text('kept'))]],
  );
});
