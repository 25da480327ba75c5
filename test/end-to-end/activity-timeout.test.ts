// The four timeouts of an activity, and heartbeats. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, decodePayloads, duration, payloads } from './harness/api.ts';
import { completeWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { DONE, NO_RETRY, pendingActivity, STARTED, withActivity } from './harness/one-activity.ts';
import { CONCURRENCY, scenario } from './harness/scenario.ts';
import { pause } from './harness/wait-until.ts';

const env = await openEnvironment();
after(() => env.stop());

describe('activities', { concurrency: CONCURRENCY }, () => {
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
});
