// Activities: results, the four timeouts, retries, heartbeats, cancellation, answers by id, eager dispatch. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, decodePayloads, duration, enums, payload, payloads } from './harness/api.ts';
import { cancelActivity, completeWorkflow, scheduleActivity, startTimer } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario, taskEvents } from './harness/scenario.ts';
import { pause, waitUntil } from './harness/wait-until.ts';

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const DONE = [
  'WorkflowTaskScheduled',
  'WorkflowTaskStarted',
  'WorkflowTaskCompleted',
  'WorkflowExecutionCompleted',
] as const;
const NO_RETRY = { maximumAttempts: 1 };

type ActivityAttributes = Parameters<typeof scheduleActivity>[1];

/** Starts a workflow whose first task schedules one activity. */
async function withActivity(s: Scenario, attributes: ActivityAttributes = {}) {
  const execution = await s.start();
  await s.next(scheduleActivity(s.taskQueue, attributes));
  return execution;
}

async function pendingActivity(s: Scenario, execution: { workflowId: string; runId: string }) {
  return (await s.describe(execution)).pendingActivities?.[0];
}

describe('activities', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'an activity task carries all that the command said', async (s) => {
    const execution = await withActivity(s, {
      input: payloads(1, 'two'),
      header: { fields: { trace: payload('t') } },
      heartbeatTimeout: duration(5_000),
      scheduleToCloseTimeout: duration(30_000),
      scheduleToStartTimeout: duration(20_000),
      retryPolicy: { initialInterval: duration(2_000), maximumAttempts: 3, nonRetryableErrorTypes: ['Fatal'] },
    });
    const task = await s.pollActivityTask();
    assert.equal(task.activityId, 'activity-1');
    assert.equal(task.activityType?.name, 'some-activity');
    assert.equal(task.workflowType?.name, 'some-workflow');
    assert.equal(task.workflowExecution?.runId, execution.runId);
    assert.equal(task.workflowNamespace, s.namespace);
    assert.equal(task.attempt, 1);
    assert.deepEqual(decodePayloads(task.input), [1, 'two']);
    assert.equal(Number(task.startToCloseTimeout?.seconds), 10);
    assert.equal(Number(task.scheduleToCloseTimeout?.seconds), 30);
    assert.equal(Number(task.heartbeatTimeout?.seconds), 5);
    assert.equal(task.retryPolicy?.maximumAttempts, 3);
    await s.completeActivity(task.taskToken, { ok: true });
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'ActivityTaskScheduled',
        {
          activityId: 'activity-1',
          activityType: { name: 'some-activity' },
          taskQueue: { name: s.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
          header: { fields: { trace: 't' } },
          input: [1, 'two'],
          scheduleToCloseTimeout: 30_000,
          scheduleToStartTimeout: 20_000,
          startToCloseTimeout: 10_000,
          heartbeatTimeout: 5_000,
          workflowTaskCompletedEventId: 4,
          retryPolicy: {
            initialInterval: 2_000,
            backoffCoefficient: 2,
            maximumInterval: 200_000,
            maximumAttempts: 3,
            nonRetryableErrorTypes: ['Fatal'],
          },
        },
      ],
      ['ActivityTaskStarted', { scheduledEventId: 5, attempt: 1, identity: s.identity }],
      ['ActivityTaskCompleted', { scheduledEventId: 5, startedEventId: 6, result: [{ ok: true }] }],
      ...DONE,
    ]);
  });

  scenario(env, 'missing timeouts are filled from the others and from the run timeout', async (s) => {
    const execution = await s.start({ workflowRunTimeout: duration(40_000) });
    await s.next(
      scheduleActivity(s.taskQueue, { startToCloseTimeout: null, scheduleToCloseTimeout: duration(25_000) }),
      scheduleActivity(s.taskQueue, { activityId: 'b', startToCloseTimeout: duration(90_000) }),
    );
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'ActivityTaskScheduled',
        { scheduleToCloseTimeout: 25_000, scheduleToStartTimeout: 25_000, startToCloseTimeout: 25_000 },
      ],
      [
        'ActivityTaskScheduled',
        { scheduleToCloseTimeout: 40_000, scheduleToStartTimeout: 40_000, startToCloseTimeout: 40_000 },
      ],
    ]);
  });

  scenario(env, 'a failure that may not be retried ends the activity at once', async (s) => {
    const execution = await withActivity(s);
    const task = await s.pollActivityTask();
    await s.failActivity(task.taskToken, applicationFailure('fatal', { type: 'Fatal', nonRetryable: true }));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      ['ActivityTaskStarted', { attempt: 1 }],
      [
        'ActivityTaskFailed',
        {
          failure: { message: 'fatal', applicationFailureInfo: { type: 'Fatal', nonRetryable: true } },
          retryState: 'RETRY_STATE_NON_RETRYABLE_FAILURE',
          identity: s.identity,
        },
      ],
      ...DONE,
    ]);
  });

  scenario(env, 'an error type that the policy names is not retried', async (s) => {
    const execution = await withActivity(s, { retryPolicy: { nonRetryableErrorTypes: ['Fatal'] } });
    const task = await s.pollActivityTask();
    await s.failActivity(task.taskToken, applicationFailure('no', { type: 'Fatal' }));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      ['ActivityTaskFailed', { retryState: 'RETRY_STATE_NON_RETRYABLE_FAILURE' }],
      ...DONE,
    ]);
  });

  scenario(env, 'retries wait their intervals, and only the last attempt is in the history', async (s) => {
    const execution = await withActivity(s, {
      retryPolicy: { initialInterval: duration(200), backoffCoefficient: 2, maximumAttempts: 3 },
    });
    const times: number[] = [];
    for (const attempt of [1, 2, 3]) {
      const task = await s.pollActivityTask();
      times.push(Date.now());
      assert.equal(task.attempt, attempt);
      await s.failActivity(task.taskToken, applicationFailure(`attempt ${attempt}`));
      if (attempt === 1) {
        const pending = await pendingActivity(s, execution);
        assert.equal(pending?.attempt, 2);
        assert.equal(pending?.lastFailure?.message, 'attempt 1');
        assert.equal(pending?.lastWorkerIdentity, s.identity);
        assert.equal(Math.floor(Number(pending?.currentRetryInterval?.nanos) / 1e6), 200);
      }
    }
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 200);
    assert.ok((times[2] ?? 0) - (times[1] ?? 0) >= 400);
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      ['ActivityTaskStarted', { attempt: 3, lastFailure: { message: 'attempt 2' } }],
      ['ActivityTaskFailed', { failure: { message: 'attempt 3' }, retryState: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED' }],
      ...DONE,
    ]);
  });

  scenario(env, 'a failure can say itself when to retry', async (s) => {
    await withActivity(s, { retryPolicy: { initialInterval: duration(60_000), maximumAttempts: 2 } });
    const task = await s.pollActivityTask();
    const began = Date.now();
    await s.failActivity(task.taskToken, {
      ...applicationFailure('soon'),
      applicationFailureInfo: { type: 'Error', nextRetryDelay: duration(300) },
    });
    const again = await s.pollActivityTask();
    assert.equal(again.attempt, 2);
    const waited = Date.now() - began;
    assert.ok(waited >= 300 && waited < 20_000, `${waited} ms`);
  });

  scenario(env, 'a retry that would end after the schedule-to-close timeout is not made', async (s) => {
    const execution = await withActivity(s, {
      scheduleToCloseTimeout: duration(5_000),
      retryPolicy: { initialInterval: duration(30_000) },
    });
    const task = await s.pollActivityTask();
    await s.failActivity(task.taskToken, applicationFailure('too late'));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      ['ActivityTaskFailed', { retryState: 'RETRY_STATE_TIMEOUT' }],
      ...DONE,
    ]);
  });

  scenario(env, 'schedule-to-start timeout', async (s) => {
    const execution = await withActivity(s, { scheduleToStartTimeout: duration(1_000) });
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      [
        'ActivityTaskTimedOut',
        {
          scheduledEventId: 5,
          retryState: 'RETRY_STATE_TIMEOUT',
          failure: {
            message: 'activity ScheduleToStart timeout',
            timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_START' },
          },
        },
      ],
      ...DONE,
    ]);
    await s.expectNoActivityTask();
  });

  scenario(env, 'schedule-to-close timeout ends an activity between its attempts', async (s) => {
    const execution = await withActivity(s, {
      scheduleToCloseTimeout: duration(1_500),
      startToCloseTimeout: duration(1_000),
      retryPolicy: { initialInterval: duration(100), backoffCoefficient: 1 },
    });
    const first = await s.pollActivityTask();
    await s.failActivity(first.taskToken, applicationFailure('first'));
    await s.pollActivityTask();
    await s.next(completeWorkflow());
    const timedOut = (await s.history(execution)).find((event) => event.activityTaskTimedOutEventAttributes);
    assert.ok(timedOut, 'the second attempt ran into a timeout');
    await s.expectNoActivityTask();
  });

  scenario(env, 'schedule-to-start comes before schedule-to-close when both are over', async (s) => {
    const execution = await withActivity(s, { scheduleToCloseTimeout: duration(1_000) });
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      [
        'ActivityTaskTimedOut',
        {
          retryState: 'RETRY_STATE_TIMEOUT',
          failure: { timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_START' } },
        },
      ],
      ...DONE,
    ]);
  });

  scenario(env, 'start-to-close timeout without retries', async (s) => {
    const execution = await withActivity(s, { startToCloseTimeout: duration(1_000), retryPolicy: NO_RETRY });
    const task = await s.pollActivityTask();
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      [
        'ActivityTaskTimedOut',
        {
          startedEventId: 6,
          retryState: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED',
          failure: {
            message: 'activity StartToClose timeout',
            timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' },
          },
        },
      ],
      ...DONE,
    ]);
    await expectFailure(s.completeActivity(task.taskToken), { code: 'NOT_FOUND', detail: 'NotFoundFailure' });
  });

  scenario(env, 'a start-to-close timeout is retried', async (s) => {
    const execution = await withActivity(s, {
      startToCloseTimeout: duration(1_000),
      retryPolicy: { initialInterval: duration(100), maximumAttempts: 2 },
    });
    const first = await s.pollActivityTask();
    const second = await s.pollActivityTask();
    assert.equal(second.attempt, 2);
    await expectFailure(s.completeActivity(first.taskToken), {
      code: 'NOT_FOUND',
      message: 'invalid activityID or activity already timed out or invoking workflow is completed',
    });
    await s.completeActivity(second.taskToken);
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      [
        'ActivityTaskStarted',
        { attempt: 2, lastFailure: { timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' } } },
      ],
      'ActivityTaskCompleted',
      ...DONE,
    ]);
  });

  scenario(env, 'heartbeat timeout carries the last details', async (s) => {
    const execution = await withActivity(s, { heartbeatTimeout: duration(1_000), retryPolicy: NO_RETRY });
    const task = await s.pollActivityTask();
    await s.heartbeat(task.taskToken, { progress: 7 });
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      [
        'ActivityTaskTimedOut',
        {
          failure: {
            message: 'activity Heartbeat timeout',
            timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_HEARTBEAT', lastHeartbeatDetails: [{ progress: 7 }] },
          },
        },
      ],
      ...DONE,
    ]);
  });

  scenario(env, 'heartbeats keep an activity alive, and their details reach the next attempt', async (s) => {
    const execution = await withActivity(s, {
      heartbeatTimeout: duration(1_000),
      retryPolicy: { initialInterval: duration(100), maximumAttempts: 2 },
    });
    const first = await s.pollActivityTask();
    for (let beat = 1; beat <= 4; beat += 1) {
      await pause(400);
      const answer = await s.heartbeat(first.taskToken, beat);
      assert.ok(!answer.cancelRequested);
    }
    assert.deepEqual(decodePayloads((await pendingActivity(s, execution))?.heartbeatDetails), [4]);
    await s.failActivity(first.taskToken, applicationFailure('again'));
    const second = await s.pollActivityTask();
    assert.deepEqual(decodePayloads(second.heartbeatDetails), [4]);
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

  scenario(env, 'details given with a failure reach the next attempt', async (s) => {
    await withActivity(s, { retryPolicy: { initialInterval: duration(100) } });
    const first = await s.pollActivityTask();
    await s.service.respondActivityTaskFailed({
      namespace: s.namespace,
      taskToken: first.taskToken as Uint8Array,
      failure: applicationFailure('again'),
      lastHeartbeatDetails: payloads('kept'),
    });
    assert.deepEqual(decodePayloads((await s.pollActivityTask()).heartbeatDetails), ['kept']);
  });

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

  scenario(env, 'complete, fail, cancel and heartbeat by id', async (s) => {
    const execution = await s.start();
    const retryPolicy = NO_RETRY;
    await s.next(...['a', 'b', 'c'].map((activityId) => scheduleActivity(s.taskQueue, { activityId, retryPolicy })));
    for (let count = 0; count < 3; count += 1) await s.pollActivityTask();
    const where = { namespace: s.namespace, workflowId: s.id, runId: execution.runId, identity: s.identity };
    await s.service.recordActivityTaskHeartbeatById({ ...where, activityId: 'a', details: payloads(9) });
    await s.service.respondActivityTaskCompletedById({ ...where, runId: '', activityId: 'a', result: payloads('A') });
    await s.next(cancelActivity(7));
    await s.service.respondActivityTaskFailedById({ ...where, activityId: 'b', failure: applicationFailure('B') });
    await s.service.respondActivityTaskCanceledById({ ...where, activityId: 'c', details: payloads('C') });
    await expectFailure(s.service.respondActivityTaskCompletedById({ ...where, activityId: 'nobody' }), {
      code: 'NOT_FOUND',
    });
    await waitUntil(async () => ((await s.describe(execution)).pendingActivities ?? []).length === 0);
    const types = (await s.history(execution)).map((event) => event.eventType);
    const { EventType } = enums;
    assert.ok(types.includes(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED));
    assert.ok(types.includes(EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED));
    assert.ok(types.includes(EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED));
    await s.next(completeWorkflow());
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'an activity completes once', async (s) => {
    await withActivity(s);
    const task = await s.pollActivityTask();
    await s.completeActivity(task.taskToken);
    await expectFailure(s.completeActivity(task.taskToken), {
      code: 'NOT_FOUND',
      message: 'invalid activityID or activity already timed out or invoking workflow is completed',
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'an activity of a closed workflow is not found', async (s) => {
    const execution = await withActivity(s);
    const task = await s.pollActivityTask();
    await s.terminate(execution);
    await expectFailure(s.heartbeat(task.taskToken, 1), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
    });
    await expectFailure(s.completeActivity(task.taskToken), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
    });
  });

  scenario(env, 'eager activities come in the answer to the workflow task', async (s) => {
    const { execution, task } = await s.startAndPoll();
    const answer = await s.respondWorkflowTask(task, [scheduleActivity(s.taskQueue, { requestEagerExecution: true })]);
    assert.equal(answer.activityTasks?.length, 1);
    const activity = answer.activityTasks?.[0];
    assert.equal(activity?.activityId, 'activity-1');
    await s.expectNoActivityTask();
    await s.completeActivity(activity?.taskToken, 'eager');
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      ['ActivityTaskStarted', { identity: s.identity }],
      ['ActivityTaskCompleted', { result: ['eager'] }],
      ...DONE,
    ]);
  });

  scenario(env, 'several activities of one task, each on its queue', async (s) => {
    const execution = await s.start();
    const other = `${s.taskQueue}-other`;
    await s.next(
      scheduleActivity(s.taskQueue, { activityId: 'here' }),
      scheduleActivity(other, { activityId: 'there' }),
      startTimer('t', 60_000),
    );
    const there = await s.pollActivityTask(other);
    const here = await s.pollActivityTask();
    assert.deepEqual([here.activityId, there.activityId], ['here', 'there']);
    await s.completeActivity(there.taskToken);
    const task = await s.pollWorkflowTask();
    assert.deepEqual(taskEvents(task).slice(7, 9), ['ActivityTaskStarted', 'ActivityTaskCompleted']);
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    await expectFailure(s.completeActivity(here.taskToken), { code: 'NOT_FOUND' });
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a workflow without activities of that id: not found', async (s) => {
    const execution = await s.start();
    await expectFailure(
      s.service.recordActivityTaskHeartbeatById({
        namespace: s.namespace,
        workflowId: s.id,
        runId: execution.runId,
        activityId: 'nobody',
      }),
      { code: 'NOT_FOUND' },
    );
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
