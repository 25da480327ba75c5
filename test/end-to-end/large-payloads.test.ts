// Payloads beyond what memory keeps of a history, while workers wait: their tasks come at once and whole. Raw calls, no SDK worker.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { payloads } from './harness/api.ts';
import { completeWorkflow, scheduleActivity } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { CONCURRENCY, scenario, taskEvents } from './harness/scenario.ts';

const LARGE = 'x'.repeat(300 * 1024);
/** For a poll to arrive, and to be offered. */
const POLL_MS = 50;

const env = await openEnvironment();
after(() => env.stop());

describe('payloads of 300 KiB', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'reach workers that wait', async (s) => {
    let workflowTask = s.pollWorkflowTask();
    await sleep(POLL_MS);
    const execution = await s.start({ input: payloads(LARGE) });
    const first = await workflowTask;
    assert.deepEqual(taskEvents(first), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted']);

    const activityTask = s.pollActivityTask();
    await sleep(POLL_MS);
    await s.respondWorkflowTask(first, [scheduleActivity(s.taskQueue, { input: payloads(LARGE) })]);
    const activity = await activityTask;
    assert.equal(activity.attempt, 1);

    workflowTask = s.pollWorkflowTask();
    await sleep(POLL_MS);
    await s.completeActivity(activity.taskToken, LARGE);
    const second = await workflowTask;
    assert.deepEqual(taskEvents(second).slice(4), [
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await s.respondWorkflowTask(second, []);

    workflowTask = s.pollWorkflowTask();
    await sleep(POLL_MS);
    await s.service.signalWorkflowExecution({
      namespace: s.namespace,
      workflowExecution: execution,
      signalName: 'large',
      input: payloads(LARGE),
    });
    const third = await workflowTask;
    assert.deepEqual(taskEvents(third).slice(-3), [
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await s.respondWorkflowTask(third, [completeWorkflow(LARGE)]);
    const task = ['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      ...task,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      ...task,
      'WorkflowExecutionSignaled',
      ...task,
      'WorkflowExecutionCompleted',
    ]);
  });
});
