// What is done to an activity from outside: its workflow cancels it; operators pause, reset and change it. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, duration, enums } from './harness/api.ts';
import { cancelActivity, completeWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { DONE, pendingActivity, STARTED, withActivity } from './harness/one-activity.ts';
import { CONCURRENCY, scenario } from './harness/scenario.ts';

const env = await openEnvironment();
after(() => env.stop());

describe('activities', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'cancelling an activity that no worker has taken', async (s) => {
    const execution = await withActivity(s);
    await s.signal(execution, 'cancel it');
    await s.next(cancelActivity(5));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      ['ActivityTaskCancelRequested', { scheduledEventId: 5, workflowTaskCompletedEventId: 9 }],
      ['ActivityTaskCanceled', { scheduledEventId: 5, latestCancelRequestedEventId: 10 }],
      ...DONE,
    ]);
    await s.expectNoActivityTask();
  });

  scenario(env, 'cancelling a running activity: its heartbeat says so, and it answers with details', async (s) => {
    const execution = await withActivity(s);
    const task = await s.pollActivityTask();
    await s.signal(execution, 'cancel it');
    await s.next(cancelActivity(5));
    const answer = await s.heartbeat(task.taskToken, 1);
    assert.equal(answer.cancelRequested, true);
    const pending = await pendingActivity(s, execution);
    assert.equal(pending?.state, enums.PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED);
    await s.cancelActivity(task.taskToken, 'stopped');
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'ActivityTaskCancelRequested',
      ['ActivityTaskStarted', { scheduledEventId: 5 }],
      ['ActivityTaskCanceled', { details: ['stopped'], scheduledEventId: 5, latestCancelRequestedEventId: 10 }],
      ...DONE,
    ]);
  });

  scenario(env, 'an activity that was asked to cancel may complete', async (s) => {
    const execution = await withActivity(s);
    const task = await s.pollActivityTask();
    await s.signal(execution, 'cancel it');
    await s.next(cancelActivity(5));
    await s.completeActivity(task.taskToken, 'anyway');
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'ActivityTaskCancelRequested',
      'ActivityTaskStarted',
      ['ActivityTaskCompleted', { result: ['anyway'] }],
      ...DONE,
    ]);
  });

  scenario(env, 'answering "canceled" without a request is refused', async (s) => {
    await withActivity(s);
    const task = await s.pollActivityTask();
    await expectFailure(s.cancelActivity(task.taskToken), { code: 'INVALID_ARGUMENT' });
    await s.completeActivity(task.taskToken);
  });
});

describe('operators and activities', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a paused activity is not dispatched until it is unpaused', async (s) => {
    const execution = await withActivity(s, { retryPolicy: { initialInterval: duration(100) } });
    const first = await s.pollActivityTask();
    const which = { namespace: s.namespace, execution: { workflowId: s.id }, id: 'activity-1', identity: 'operator' };
    await s.service.pauseActivity({ ...which, reason: 'to look at it' });
    const beat = await s.heartbeat(first.taskToken, 1);
    assert.equal(beat.activityPaused, true);
    await s.failActivity(first.taskToken, applicationFailure('while paused'));
    const paused = await pendingActivity(s, execution);
    assert.equal(paused?.paused, true);
    assert.equal(paused?.state, enums.PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED);
    assert.equal(paused?.pauseInfo?.manual?.identity, 'operator');
    assert.equal(paused?.pauseInfo?.manual?.reason, 'to look at it');
    await s.expectNoActivityTask(500);
    await s.service.unpauseActivity(which);
    const second = await s.pollActivityTask();
    assert.equal(second.attempt, 2);
    await s.completeActivity(second.taskToken);
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      ['ActivityTaskStarted', { attempt: 2 }],
      'ActivityTaskCompleted',
      ...DONE,
    ]);
  });

  scenario(env, 'reset makes the attempts count from one again and drops the wait', async (s) => {
    const execution = await withActivity(s, { retryPolicy: { initialInterval: duration(60_000) } });
    const first = await s.pollActivityTask();
    await s.failActivity(first.taskToken, applicationFailure('will wait long'));
    assert.equal((await pendingActivity(s, execution))?.attempt, 2);
    await s.service.resetActivity({
      namespace: s.namespace,
      execution: { workflowId: s.id },
      id: 'activity-1',
      identity: 'operator',
    });
    const again = await s.pollActivityTask();
    assert.equal(again.attempt, 1);
    await s.completeActivity(again.taskToken);
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'options of a waiting activity can be changed', async (s) => {
    const execution = await withActivity(s, { retryPolicy: { initialInterval: duration(60_000) } });
    const first = await s.pollActivityTask();
    await s.failActivity(first.taskToken, applicationFailure('will wait long'));
    const answer = await s.service.updateActivityOptions({
      namespace: s.namespace,
      execution: { workflowId: s.id },
      id: 'activity-1',
      identity: 'operator',
      activityOptions: { startToCloseTimeout: duration(33_000), retryPolicy: { initialInterval: duration(100) } },
      updateMask: { paths: ['start_to_close_timeout', 'retry_policy.initial_interval'] },
    });
    assert.equal(Number(answer.activityOptions?.startToCloseTimeout?.seconds), 33);
    const second = await s.pollActivityTask();
    assert.equal(Number((await pendingActivity(s, execution))?.activityOptions?.startToCloseTimeout?.seconds), 33);
    assert.equal(second.attempt, 2);
    await s.completeActivity(second.taskToken);
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'pausing what is not there is not found', async (s) => {
    await s.start();
    await expectFailure(
      s.service.pauseActivity({ namespace: s.namespace, execution: { workflowId: s.id }, id: 'nobody' }),
      { code: 'NOT_FOUND' },
    );
    await expectFailure(s.service.pauseActivity({ namespace: s.namespace, execution: { workflowId: s.id } }), {
      code: 'INVALID_ARGUMENT',
    });
  });
});
