// Resetting runs to an earlier workflow task: what is kept, what is applied again, what is refused. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { type Execution, enums } from './harness/api.ts';
import { completeWorkflow, scheduleActivity, startTimer } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario, taskEvents } from './harness/scenario.ts';
import { waitUntil } from './harness/wait-until.ts';

const { ResetReapplyType, ResetReapplyExcludeType } = enums;

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const TASK = ['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const RESET = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskFailed'];

async function reset(s: Scenario, execution: Execution, workflowTaskFinishEventId: number, more: object = {}) {
  const { runId } = await s.service.resetWorkflowExecution({
    namespace: s.namespace,
    workflowExecution: execution,
    reason: 'to try again',
    workflowTaskFinishEventId: workflowTaskFinishEventId as never,
    requestId: crypto.randomUUID(),
    identity: 'resetter',
    ...more,
  });
  return { workflowId: execution.workflowId, runId };
}

describe('reset', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a running workflow goes back to its first task; signals are applied again', async (s) => {
    const first = await s.start();
    await s.next(startTimer('t', 60_000));
    await s.signal(first, 'kept', [1]);
    await s.next();
    const second = await reset(s, first, 4);
    assert.notEqual(second.runId, first.runId);
    await s.expectEvents(first, [
      ...STARTED,
      'TimerStarted',
      'WorkflowExecutionSignaled',
      ...TASK,
      ['WorkflowExecutionTerminated', { identity: 'history-resetter' }],
    ]);
    const task = await s.pollWorkflowTask();
    assert.deepEqual(taskEvents(task), [
      ...RESET,
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    await s.expectEvents(second, [
      ['WorkflowExecutionStarted', { originalExecutionRunId: first.runId, firstExecutionRunId: first.runId }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      [
        'WorkflowTaskFailed',
        {
          cause: 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW',
          baseRunId: first.runId,
          newRunId: second.runId,
          identity: 'history-service',
          failure: { message: 'to try again', resetWorkflowFailureInfo: {} },
        },
      ],
      ['WorkflowExecutionSignaled', { signalName: 'kept', input: [1] }],
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a closed workflow is opened again by reset', async (s) => {
    const first = await s.start();
    await s.next(completeWorkflow('old'));
    const second = await reset(s, first, 4);
    await s.next(completeWorkflow('new'));
    await s.expectEvents(second, [...RESET, ...TASK, ['WorkflowExecutionCompleted', { result: ['new'] }]]);
    assert.equal(await s.status(first), 'Completed');
  });

  scenario(env, 'signals can be left out', async (s) => {
    const first = await s.start();
    await s.next(startTimer('t', 60_000));
    await s.signal(first, 'dropped');
    const byType = await reset(s, first, 4, { resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_NONE });
    await s.expectEvents(byType, [...RESET, 'WorkflowTaskScheduled']);
    await s.next();
    await s.signal(byType, 'dropped too');
    const excluded = await reset(s, byType, 7, {
      resetReapplyExcludeTypes: [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
    });
    await s.expectEvents(excluded, [
      ...RESET,
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskFailed',
      'WorkflowTaskScheduled',
    ]);
  });

  scenario(env, 'reset to a later task keeps what came before', async (s) => {
    const first = await s.start();
    await s.next(scheduleActivity(s.taskQueue));
    const activity = await s.pollActivityTask();
    await s.completeActivity(activity.taskToken, 'kept');
    await s.next(startTimer('t', 60_000));
    await s.signal(first, 'again');
    const second = await reset(s, first, 10);
    await s.next(completeWorkflow());
    await s.expectEvents(second, [
      ...STARTED,
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      ['ActivityTaskCompleted', { result: ['kept'] }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskFailed',
      'WorkflowExecutionSignaled',
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a pending timer of the kept part fires in the new run', async (s) => {
    const first = await s.start();
    await s.next(startTimer('t', 1_500));
    await s.signal(first, 'one');
    await s.next();
    const second = await reset(s, first, 9);
    await s.next();
    await s.next(completeWorkflow());
    const types = (await s.history(second)).map((event) => event.eventType);
    assert.ok(types.includes(enums.EventType.EVENT_TYPE_TIMER_FIRED));
    assert.equal(await s.status(second), 'Completed');
  });

  scenario(env, 'an activity that ran when the kept part ends is scheduled again', async (s) => {
    const first = await s.start();
    await s.next(scheduleActivity(s.taskQueue));
    const old = await s.pollActivityTask();
    await s.signal(first, 'one');
    await s.next();
    const second = await reset(s, first, 9);
    await expectFailure(s.completeActivity(old.taskToken), { code: 'NOT_FOUND' });
    await s.next();
    const fresh = await s.pollActivityTask();
    assert.equal(fresh.workflowExecution?.runId, second.runId);
    await s.completeActivity(fresh.taskToken);
    await s.next(completeWorkflow());
    assert.equal(await s.status(second), 'Completed');
  });

  scenario(
    env,
    'the same request id resets once',
    async (s) => {
      const first = await s.start();
      await s.next(completeWorkflow());
      const requestId = crypto.randomUUID();
      const one = await reset(s, first, 4, { requestId });
      const two = await reset(s, first, 4, { requestId });
      assert.equal(two.runId, one.runId);
    },
    {
      notOnTemporal:
        '1.31.2 compares the request id with that of the start, which the new run inherits, and so resets twice',
    },
  );

  scenario(env, 'event ids at which no reset is possible', async (s) => {
    const first = await s.start();
    await s.next(startTimer('t', 60_000));
    await expectFailure(reset(s, first, 0), { code: 'INVALID_ARGUMENT' });
    await expectFailure(reset(s, first, 1), { code: 'INVALID_ARGUMENT' });
    await expectFailure(reset(s, first, 5), { code: 'INVALID_ARGUMENT' });
    await expectFailure(reset(s, first, 99), { code: 'INVALID_ARGUMENT' });
    await expectFailure(reset(s, { workflowId: `${s.id}-nobody`, runId: '' }, 4), { code: 'NOT_FOUND' });
    assert.equal(await s.status(first), 'Running');
  });

  scenario(env, 'the describe of both runs tells of the reset', async (s) => {
    const first = await s.start();
    await s.next(startTimer('t', 60_000));
    const second = await reset(s, first, 4);
    const old = await s.describe(first);
    assert.equal(old.workflowExtendedInfo?.resetRunId, second.runId);
    await waitUntil(async () => (await s.status(first)) === 'Terminated');
  });
});
