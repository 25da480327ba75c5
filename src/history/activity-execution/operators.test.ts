// What operators do to an activity without a workflow: pause, reset, other options.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ActivityExecutionStatus } from '#proto/temporal/api/enums/v1';
import { GrpcCode } from '../../base/service-error.ts';
import {
  failureOf,
  ID,
  MINUTE_MS,
  notThere,
  PAUSE,
  RESET,
  refused,
  Scenario,
  SECOND_MS,
  text,
  UNPAUSE,
  UPDATE,
} from './testing/scenario.ts';

describe('operators', () => {
  test('a pause holds the activity back until it is lifted', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'p' });
    assert.equal((await s.describe()).status, ActivityExecutionStatus.PAUSED);
    await assert.rejects(s.task(), /stamp mismatch/);
    await assert.rejects(
      s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'q' }),
      refused(GrpcCode.FAILED_PRECONDITION, 'activity is in non-pausable state Paused'),
    );
    await s.fixture.rpc('UnpauseActivityExecution', UNPAUSE, { ...ID, requestId: 'u' });
    // A late repetition pauses nothing.
    await s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'p' });
    assert.equal((await s.task()).attempt, 1);
    await assert.rejects(
      s.fixture.rpc('UnpauseActivityExecution', UNPAUSE, { ...ID, requestId: 'v' }),
      refused(GrpcCode.FAILED_PRECONDITION, 'activity is in non-unpausable state Started'),
    );
  });

  test('a pause lets a worker finish its attempt, and then holds', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    await s.fixture.rpc('PauseActivityExecution', PAUSE, { ...ID, requestId: 'p' });
    assert.equal((await s.heartbeat(task)).activityPaused, true);
    await s.fail(task);
    await s.advance(MINUTE_MS);
    const info = await s.describe();
    assert.deepEqual([info.status, info.attempt, s.dispatched], [ActivityExecutionStatus.PAUSED, 2, 0]);
    await s.fixture.rpc('UnpauseActivityExecution', UNPAUSE, { ...ID, requestId: 'u' });
    assert.equal((await s.task()).attempt, 2);
  });

  test('a reset counts from one again, after the attempt that a worker has', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fail(await s.task());
    await s.advance(SECOND_MS);
    const second = await s.task();
    await s.heartbeat(second, text('half'));
    await s.fixture.rpc('ResetActivityExecution', RESET, { ...ID, requestId: 'r', resetHeartbeat: true });
    assert.equal((await s.heartbeat(second)).activityReset, true);
    await s.fail(second);
    const again = await s.task();
    assert.deepEqual([again.attempt, again.heartbeatDetails], [1, undefined]);
    await s.cancel();
    await assert.rejects(
      s.fixture.rpc('ResetActivityExecution', RESET, { ...ID, requestId: 's' }),
      refused(GrpcCode.FAILED_PRECONDITION, 'cannot reset an activity with a pending cancellation'),
    );
  });

  test('a reset drops the backoff, and brings the options back', async () => {
    const s = await Scenario.open();
    await s.start();
    await s.fail(await s.task(), failureOf('boom', { nextRetryDelay: MINUTE_MS }));
    const { activityOptions } = await s.fixture.rpc('UpdateActivityExecutionOptions', UPDATE, {
      ...ID,
      requestId: 'o',
      activityOptions: { taskQueue: { name: 'elsewhere' }, startToCloseTimeout: SECOND_MS },
      updateMask: { paths: ['task_queue.name', 'start_to_close_timeout'] },
    });
    assert.deepEqual(
      [activityOptions?.taskQueue?.name, activityOptions?.startToCloseTimeout],
      ['elsewhere', SECOND_MS],
    );
    await s.fixture.rpc('ResetActivityExecution', RESET, { ...ID, requestId: 'r', restoreOriginalOptions: true });
    assert.equal(s.fixture.activityTasks[0]?.partition?.taskQueue, 'queue');
    const task = await s.task();
    assert.deepEqual([task.attempt, task.startToCloseTimeout], [1, 10 * MINUTE_MS]);
  });

  test('other options hold for the attempt that runs and for the backoff that the policy gave', async () => {
    const s = await Scenario.open();
    await s.start();
    const task = await s.task();
    const update = (requestId: string, activityOptions: object, path: string) =>
      s.fixture.rpc('UpdateActivityExecutionOptions', UPDATE, {
        ...ID,
        requestId,
        activityOptions,
        updateMask: { paths: [path] },
      });
    await update('1', { startToCloseTimeout: SECOND_MS }, 'start_to_close_timeout');
    await s.advance(SECOND_MS);
    assert.equal((await s.describe()).attempt, 2);
    await assert.rejects(s.complete(task), notThere);
    await update('2', { retryPolicy: { initialInterval: MINUTE_MS } }, 'retry_policy.initial_interval');
    assert.equal((await s.describe()).currentRetryInterval, MINUTE_MS);
    await s.terminate();
    await assert.rejects(
      update('3', { heartbeatTimeout: 1 }, 'heartbeat_timeout'),
      refused(GrpcCode.FAILED_PRECONDITION, 'Cannot update options for activity in state Terminated'),
    );
  });
});
