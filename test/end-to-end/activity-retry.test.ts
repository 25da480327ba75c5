// Failed activities: which are tried again, when, and what the history keeps of it. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { applicationFailure, duration } from './harness/api.ts';
import { completeWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { DONE, pendingActivity, STARTED, withActivity } from './harness/one-activity.ts';
import { CONCURRENCY, scenario } from './harness/scenario.ts';

const env = await openEnvironment();
after(() => env.stop());

describe('activities', { concurrency: CONCURRENCY }, () => {
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
});
