// How runs end and go on: completion, failure, cancellation, termination, deletion, timeouts, continue-as-new, cron and workflow
// retry. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { status } from '@grpc/grpc-js';
import {
  applicationFailure,
  decodePayloads,
  duration,
  type Execution,
  payload,
  payloads,
  searchAttribute,
} from './harness/api.ts';
import { cancelWorkflow, completeWorkflow, continueAsNew, failWorkflow, startTimer } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';
import { pause, waitUntil } from './harness/wait-until.ts';

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const TASK = ['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];

const goOn = (s: Scenario, more: Parameters<typeof continueAsNew>[0] = {}) =>
  continueAsNew({ workflowType: { name: 'some-workflow' }, taskQueue: { name: s.taskQueue }, ...more });

/** Deletion happens in the background; Temporal may take a retry of a task for it. */
const DELETION_DEADLINE_MS = 30_000;

async function gone(s: Scenario, execution: Execution): Promise<void> {
  await waitUntil(
    () =>
      s.describe(execution).then(
        () => false,
        (error: { code: number }) => error.code === status.NOT_FOUND,
      ),
    'the deletion',
    DELETION_DEADLINE_MS,
  );
}

describe('how runs end', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a failed workflow keeps its failure', async (s) => {
    const execution = await s.start();
    await s.next(failWorkflow(applicationFailure('broken', { type: 'Broken' })));
    await s.expectEvents(execution, [
      ...STARTED,
      [
        'WorkflowExecutionFailed',
        {
          failure: { message: 'broken', source: 'TypeScriptSDK', applicationFailureInfo: { type: 'Broken' } },
          retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET',
          workflowTaskCompletedEventId: 4,
        },
      ],
    ]);
    assert.equal(await s.status(execution), 'Failed');
  });

  scenario(env, 'a cancellation request reaches the workflow once', async (s) => {
    const execution = await s.start();
    await s.next();
    const requestId = crypto.randomUUID();
    await s.requestCancel(execution, { reason: 'enough', requestId });
    await s.requestCancel(execution, { reason: 'enough', requestId });
    await s.next(cancelWorkflow('cleaned up'));
    await s.expectEvents(execution, [
      ...STARTED,
      ['WorkflowExecutionCancelRequested', { cause: 'enough', identity: 'canceller' }],
      ...TASK,
      ['WorkflowExecutionCanceled', { details: ['cleaned up'] }],
    ]);
    assert.equal(await s.status(execution), 'Canceled');
  });

  scenario(env, 'a second cancellation request adds nothing', async (s) => {
    const execution = await s.start();
    await s.requestCancel(execution);
    await s.requestCancel(execution);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowExecutionCancelRequested',
    ]);
  });

  scenario(env, 'cancelling a closed workflow succeeds, an unknown one is not found', async (s) => {
    const execution = await s.start();
    await s.next(completeWorkflow());
    await s.requestCancel(execution);
    await expectFailure(s.requestCancel({ workflowId: `${s.id}-nobody` }), {
      code: 'NOT_FOUND',
      message: `workflow not found for ID: ${s.id}-nobody`,
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'termination in the middle of a workflow task', async (s) => {
    const { execution } = await s.startAndPoll();
    await s.signal(execution, 'buffered');
    await s.terminate(execution, 'stop now', ['why']);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      ['WorkflowTaskFailed', { cause: 'WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND' }],
      'WorkflowExecutionSignaled',
      ['WorkflowExecutionTerminated', { reason: 'stop now', details: ['why'], identity: 'terminator' }],
    ]);
    assert.equal(await s.status(execution), 'Terminated');
    await expectFailure(s.terminate(execution), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
      detail: 'NotFoundFailure',
    });
  });

  scenario(env, 'termination with the first run id of a chain, and with a foreign one', async (s) => {
    const first = await s.start();
    await s.next(goOn(s));
    const second = await s.currentRun();
    await expectFailure(
      s.service.terminateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        firstExecutionRunId: crypto.randomUUID(),
      }),
      { code: 'NOT_FOUND' },
    );
    await s.service.terminateWorkflowExecution({
      namespace: s.namespace,
      workflowExecution: { workflowId: s.id },
      firstExecutionRunId: first.runId,
    });
    assert.equal(await s.status(second), 'Terminated');
  });

  scenario(env, 'signals to a closed workflow are refused', async (s) => {
    const execution = await s.start();
    await s.next(completeWorkflow());
    await expectFailure(s.signal(execution, 'late'), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
      detail: 'NotFoundFailure',
    });
    await expectFailure(s.signal({ workflowId: `${s.id}-nobody` }, 'late'), {
      code: 'NOT_FOUND',
      message: `workflow not found for ID: ${s.id}-nobody`,
    });
  });

  scenario(env, 'a deleted workflow is gone, closed or running', async (s) => {
    const closed = await s.start();
    await s.next(completeWorkflow());
    await s.service.deleteWorkflowExecution({ namespace: s.namespace, workflowExecution: closed });
    await gone(s, closed);
    const running = await s.start();
    await s.service.deleteWorkflowExecution({ namespace: s.namespace, workflowExecution: running });
    await gone(s, running);
    await waitUntil(async () => {
      const list = await s.service.listWorkflowExecutions({ namespace: s.namespace, query: `WorkflowId = "${s.id}"` });
      return list.executions?.length === 0;
    });
    const fresh = await s.start();
    assert.equal(await s.status(fresh), 'Running');
  });

  scenario(env, 'a run timeout', async (s) => {
    const execution = await s.start({ workflowRunTimeout: duration(1_000) });
    await s.closeEvent(execution);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      ['WorkflowExecutionTimedOut', { retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET' }],
    ]);
    assert.equal(await s.status(execution), 'TimedOut');
  });

  scenario(env, 'an execution timeout spans runs', async (s) => {
    const first = await s.start({ workflowExecutionTimeout: duration(2_500) });
    await s.next(goOn(s));
    const second = await s.currentRun();
    assert.notEqual(second.runId, first.runId);
    await s.closeEvent(second);
    assert.equal(await s.status(second), 'TimedOut');
    const started = (await s.history(second))[0];
    const startedMs = Number(started?.eventTime?.seconds) * 1000;
    assert.ok(Date.now() - startedMs < 6_000);
  });

  scenario(env, 'a timeout during a workflow task', async (s) => {
    const { execution, task } = await s.startAndPoll({ workflowRunTimeout: duration(1_000) });
    await s.closeEvent(execution);
    const events = await s.history(execution);
    assert.ok(events.at(-1)?.workflowExecutionTimedOutEventAttributes);
    await expectFailure(s.respondWorkflowTask(task, [completeWorkflow()]), { code: 'NOT_FOUND' });
  });
});

describe('runs that go on', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'continue-as-new starts the next run of the chain', async (s) => {
    const first = await s.start({
      memo: { fields: { note: payload('m') } },
      searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'k') } },
      workflowRunTimeout: duration(50_000),
    });
    await s.next(goOn(s, { input: payloads('second'), header: { fields: { trace: payload('t') } } }));
    const second = await s.currentRun();
    await s.expectEvents(first, [
      ...STARTED,
      [
        'WorkflowExecutionContinuedAsNew',
        {
          newExecutionRunId: second.runId,
          workflowType: { name: 'some-workflow' },
          taskQueue: { name: s.taskQueue },
          input: ['second'],
          workflowRunTimeout: 50_000,
          workflowTaskTimeout: 10_000,
          workflowTaskCompletedEventId: 4,
        },
      ],
    ]);
    await s.expectEvents(second, [
      [
        'WorkflowExecutionStarted',
        {
          input: ['second'],
          continuedExecutionRunId: first.runId,
          firstExecutionRunId: first.runId,
          originalExecutionRunId: second.runId,
          header: { fields: { trace: 't' } },
          attempt: 1,
          // Two runs of a chain start at least a second apart.
          firstWorkflowTaskBackoff: (value: unknown) => Number(value) > 0 && Number(value) <= 1_000,
        },
      ],
    ]);
    assert.equal(await s.status(first), 'ContinuedAsNew');
    assert.equal(await s.status(second), 'Running');
  });

  scenario(env, 'continue-as-new may change type, queue, timeouts and memo', async (s) => {
    await s.start();
    const other = `${s.taskQueue}-2`;
    await s.next(
      continueAsNew({
        workflowType: { name: 'another-workflow' },
        taskQueue: { name: other },
        workflowRunTimeout: duration(30_000),
        workflowTaskTimeout: duration(5_000),
        memo: { fields: { note: payload('new') } },
        searchAttributes: { indexedFields: { E2eInt: searchAttribute('Int', 3) } },
        retryPolicy: { initialInterval: duration(1_000), maximumAttempts: 2 },
      }),
    );
    const task = await s.pollWorkflowTask({ taskQueue: { name: other } });
    assert.equal(task.workflowType?.name, 'another-workflow');
    await s.expectEvents(await s.currentRun(), [
      [
        'WorkflowExecutionStarted',
        {
          workflowRunTimeout: 30_000,
          workflowTaskTimeout: 5_000,
          memo: { fields: { note: 'new' } },
          searchAttributes: { indexedFields: { E2eInt: 3 } },
          retryPolicy: { maximumAttempts: 2 },
        },
      ],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
  });

  scenario(env, 'continue-as-new with a backoff', async (s) => {
    await s.start();
    await s.next(goOn(s, { backoffStartInterval: duration(1_000) }));
    const second = await s.currentRun();
    await s.expectEvents(second, [
      [
        'WorkflowExecutionStarted',
        { firstWorkflowTaskBackoff: (value: unknown) => Number(value) >= 900 && Number(value) <= 1_100 },
      ],
    ]);
    await s.next(completeWorkflow());
    assert.equal(await s.status(second), 'Completed');
  });

  scenario(env, 'signals buffered before a continue-as-new hold it back', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await s.signal(execution, 'wait');
    await expectFailure(s.respondWorkflowTask(task, [goOn(s)]), {
      code: 'INVALID_ARGUMENT',
      message: 'UnhandledCommand',
    });
    await s.next(goOn(s));
    assert.equal(await s.status(execution), 'ContinuedAsNew');
  });

  scenario(env, 'a failed workflow with a retry policy runs again after its interval', async (s) => {
    const first = await s.start({
      input: payloads('in'),
      retryPolicy: { initialInterval: duration(1_000), maximumAttempts: 2 },
    });
    await s.next(failWorkflow(applicationFailure('first')));
    const second = await s.currentRun();
    await s.expectEvents(first, [
      ...STARTED,
      [
        'WorkflowExecutionFailed',
        { retryState: 'RETRY_STATE_IN_PROGRESS', newExecutionRunId: second.runId, failure: { message: 'first' } },
      ],
    ]);
    await s.expectEvents(second, [
      [
        'WorkflowExecutionStarted',
        {
          attempt: 2,
          input: ['in'],
          initiator: 'CONTINUE_AS_NEW_INITIATOR_RETRY',
          continuedFailure: { message: 'first' },
          continuedExecutionRunId: first.runId,
          firstExecutionRunId: first.runId,
          firstWorkflowTaskBackoff: (value: unknown) => Number(value) > 800 && Number(value) <= 1_200,
        },
      ],
    ]);
    await s.next(failWorkflow(applicationFailure('second')));
    await s.expectEvents(second, [
      ...STARTED,
      ['WorkflowExecutionFailed', { retryState: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED' }],
    ]);
    assert.equal((await s.currentRun()).runId, second.runId);
  });

  scenario(env, 'a failure that may not be retried ends the chain', async (s) => {
    const execution = await s.start({ retryPolicy: { initialInterval: duration(1_000) } });
    await s.next(failWorkflow(applicationFailure('fatal', { nonRetryable: true })));
    await s.expectEvents(execution, [
      ...STARTED,
      ['WorkflowExecutionFailed', { retryState: 'RETRY_STATE_NON_RETRYABLE_FAILURE' }],
    ]);
    assert.equal((await s.currentRun()).runId, execution.runId);
  });

  scenario(env, 'a run that times out is retried', async (s) => {
    const first = await s.start({
      workflowRunTimeout: duration(1_000),
      retryPolicy: { initialInterval: duration(1_000), maximumAttempts: 2 },
    });
    await s.closeEvent(first);
    const second = await s.currentRun();
    await s.expectEvents(first, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      ['WorkflowExecutionTimedOut', { retryState: 'RETRY_STATE_IN_PROGRESS', newExecutionRunId: second.runId }],
    ]);
    await s.expectEvents(second, [
      ['WorkflowExecutionStarted', { attempt: 2, continuedFailure: { timeoutFailureInfo: {} } }],
    ]);
    await s.terminate(second);
  });

  scenario(env, 'cron runs again and again, with the last result', async (s) => {
    const first = await s.start({ cronSchedule: '@every 1s', input: payloads('in') });
    await s.expectEvents(first, [['WorkflowExecutionStarted', { cronSchedule: '@every 1s', attempt: 1 }]]);
    await s.next(completeWorkflow('result 1'));
    const task = await s.pollWorkflowTask();
    const second = await s.currentRun();
    assert.notEqual(second.runId, first.runId);
    const started = task.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    assert.deepEqual(decodePayloads(started?.lastCompletionResult), ['result 1']);
    assert.deepEqual(decodePayloads(started?.input), ['in']);
    await s.respondWorkflowTask(task, [failWorkflow(applicationFailure('second broke'))]);
    const third = await s.pollWorkflowTask();
    const thirdStarted = third.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    assert.deepEqual(decodePayloads(thirdStarted?.lastCompletionResult), ['result 1'], 'kept over a failure');
    assert.equal(thirdStarted?.continuedFailure?.message, 'second broke');
    await s.expectEvents(first, [
      ...STARTED,
      ['WorkflowExecutionCompleted', { result: ['result 1'], newExecutionRunId: second.runId }],
    ]);
    await s.expectEvents(second, [
      [
        'WorkflowExecutionStarted',
        { initiator: 'CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE', continuedExecutionRunId: first.runId },
      ],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      ['WorkflowExecutionFailed', { retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET' }],
    ]);
    await s.terminate({ workflowId: s.id });
    await pause(1_200);
    assert.equal(await s.status({ workflowId: s.id }), 'Terminated');
  });

  scenario(env, 'a cancelled cron workflow does not run again', async (s) => {
    const execution = await s.start({ cronSchedule: '@every 1s' });
    await s.requestCancel(execution);
    await s.next(cancelWorkflow());
    assert.equal(await s.status(execution), 'Canceled');
    assert.equal((await s.currentRun()).runId, execution.runId);
  });

  scenario(env, 'a cron schedule that is none is refused', async (s) => {
    await expectFailure(s.start({ cronSchedule: 'every now and then' }), {
      code: 'INVALID_ARGUMENT',
      message: /^invalid CronSchedule/i,
    });
  });

  scenario(env, 'a workflow closed while its timer waits is closed once', async (s) => {
    const execution = await s.start();
    await s.next(startTimer('t', 400));
    await s.signal(execution, 'finish');
    await s.next(completeWorkflow('by signal'));
    await pause(1_600);
    await s.expectEvents(execution, [
      ...STARTED,
      'TimerStarted',
      'WorkflowExecutionSignaled',
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });
});
