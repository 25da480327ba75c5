// Limits on what one workflow may hold, lowered by the suite's dynamic configuration (harness/dynamic-config.ts) where they are too
// high to be reached in a test. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { enums, payloads } from './harness/api.ts';
import {
  cancelExternal,
  completeWorkflow,
  recordMarker,
  scheduleActivity,
  signalExternal,
  startChild,
} from './harness/commands.ts';
import { DYNAMIC_CONFIG } from './harness/dynamic-config.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const PENDING = Number(DYNAMIC_CONFIG['limit.numPendingActivities.error']);

const PENDING_LIMITS = [
  {
    name: 'pending activities',
    command: (s: Scenario, index: number) => scheduleActivity(s.taskQueue, { activityId: `a${index}` }),
    message: `PendingActivitiesLimitExceeded: the number of pending activities, ${PENDING}, has reached the per-workflow limit of ${PENDING}`,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_ACTIVITIES_LIMIT_EXCEEDED',
  },
  {
    name: 'pending children',
    command: (s: Scenario, index: number) => startChild(`${s.id}-${index}`, `${s.taskQueue}-child`),
    message: `PendingChildWorkflowsLimitExceeded: the number of pending child workflow executions, ${PENDING}, has reached the per-workflow limit of ${PENDING}`,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED',
  },
  {
    name: 'pending signals',
    command: (s: Scenario) => signalExternal(`${s.id}-nobody`, 'x'),
    message: `PendingSignalsLimitExceeded: the number of pending signals to external workflows, ${PENDING}, has reached the per-workflow limit of ${PENDING}`,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_SIGNALS_LIMIT_EXCEEDED',
  },
  {
    name: 'pending cancellations',
    command: (s: Scenario) => cancelExternal(`${s.id}-nobody`),
    message: `PendingRequestCancelLimitExceeded: the number of pending requests to cancel external workflows, ${PENDING}, has reached the per-workflow limit of ${PENDING}`,
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_REQUEST_CANCEL_LIMIT_EXCEEDED',
  },
];

describe('limits', { concurrency: CONCURRENCY }, () => {
  for (const limit of PENDING_LIMITS) {
    scenario(env, limit.name, async (s) => {
      const { execution, task } = await s.startAndPoll();
      const commands = Array.from({ length: PENDING + 1 }, (_, index) => limit.command(s, index));
      await expectFailure(s.respondWorkflowTask(task, commands), { code: 'INVALID_ARGUMENT', message: limit.message });
      const again = await s.pollWorkflowTask();
      await s.respondWorkflowTask(again, commands.slice(0, PENDING), {});
      const failed = (await s.history(execution)).find((event) => event.workflowTaskFailedEventAttributes);
      const cause = failed?.workflowTaskFailedEventAttributes?.cause ?? 0;
      assert.equal(enums.WorkflowTaskFailedCause[cause], limit.cause);
      await s.terminate(execution);
    });
  }

  scenario(env, 'an activity input over the limit ends the workflow', async (s) => {
    const { execution, task } = await s.startAndPoll();
    const command = scheduleActivity(s.taskQueue, { input: payloads('x'.repeat(2 * 1024 * 1024 + 100)) });
    await expectFailure(s.respondWorkflowTask(task, [command]), {
      code: 'INVALID_ARGUMENT',
      message: 'BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.',
    });
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      ['WorkflowTaskFailed', { cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_SCHEDULE_ACTIVITY_ATTRIBUTES' }],
      'WorkflowExecutionTerminated',
    ]);
  });

  scenario(env, 'a result over the limit', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await expectFailure(s.respondWorkflowTask(task, [completeWorkflow('x'.repeat(2 * 1024 * 1024 + 100))]), {
      code: 'INVALID_ARGUMENT',
      message: /CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit\.$/,
    });
    assert.equal(await s.status(execution), 'Terminated');
  });

  scenario(env, 'an activity result over the limit fails the activity', async (s) => {
    const execution = await s.start();
    await s.next(scheduleActivity(s.taskQueue, { retryPolicy: { maximumAttempts: 1 } }));
    const activity = await s.pollActivityTask();
    await s.completeActivity(activity.taskToken, 'x'.repeat(2 * 1024 * 1024 + 100));
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      ['ActivityTaskFailed', { failure: { message: 'Complete result exceeds size limit.' } }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a signal over the limit is refused', async (s) => {
    const execution = await s.start();
    await expectFailure(s.signal(execution, 'big', ['x'.repeat(2 * 1024 * 1024 + 100)]), {
      code: 'INVALID_ARGUMENT',
      message: 'Blob data size exceeds limit.',
    });
    await s.expectEvents(execution, ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  });

  scenario(env, 'a history of too many events ends the workflow', async (s) => {
    const execution = await s.start();
    const limit = Number(DYNAMIC_CONFIG['limit.historyCount.error']);
    const markers = Array.from({ length: limit - 20 }, (_, index) => recordMarker(`m${index}`));
    await s.next(...markers);
    let refused = '';
    for (let index = 0; index < 40 && refused === ''; index += 1) {
      await s.signal(execution, 'more').catch((error: { details: string }) => {
        refused = error.details;
      });
    }
    assert.match(refused, /completed|exceeds limit/);
    await s.closeEvent(execution);
    const last = (await s.history(execution)).at(-1);
    assert.equal(last?.workflowExecutionTerminatedEventAttributes?.reason, 'Workflow history count exceeds limit.');
  });

  scenario(env, 'too many signals are held back only by the history limit, not refused one by one', async (s) => {
    const execution = await s.start();
    await Promise.all(Array.from({ length: 50 }, (_, index) => s.signal(execution, `s${index}`)));
    const task = await s.next(completeWorkflow());
    const signals = (task.history?.events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
    assert.equal(signals.length, 50);
    const names = new Set(signals.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName));
    assert.equal(names.size, 50, 'each once');
  });
});
