// Starting workflows: what the first events hold, id reuse and conflict policies, idempotency, delay, eager start,
// signal-with-start. Raw calls, no SDK worker.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { duration, enums, payload, payloads, searchAttribute } from './harness/api.ts';
import { completeWorkflow, failWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, scenario, taskEvents } from './harness/scenario.ts';
import { waitUntil } from './harness/wait-until.ts';

const { WorkflowIdReusePolicy: Reuse, WorkflowIdConflictPolicy: Conflict } = enums;

const env = await openEnvironment();
after(() => env.stop());

describe('starting a workflow', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'everything that a start carries is in the first event', async (s) => {
    const execution = await s.start({
      input: payloads('a', { b: 1 }),
      memo: { fields: { note: payload('kept') } },
      header: { fields: { trace: payload('t-1') } },
      searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'k') } },
      userMetadata: { summary: payload('a summary'), details: payload('some details') },
      workflowExecutionTimeout: duration(60_000),
      workflowRunTimeout: duration(50_000),
      workflowTaskTimeout: duration(7_000),
      retryPolicy: { initialInterval: duration(1_000), backoffCoefficient: 3, maximumAttempts: 4 },
    });
    await s.next(completeWorkflow('done'));
    await s.expectEvents(execution, [
      [
        'WorkflowExecutionStarted',
        {
          workflowType: { name: 'some-workflow' },
          taskQueue: { name: s.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
          input: ['a', { b: 1 }],
          memo: { fields: { note: 'kept' } },
          header: { fields: { trace: 't-1' } },
          searchAttributes: { indexedFields: { E2eKeyword: 'k' } },
          userMetadata: { summary: 'a summary', details: 'some details' },
          workflowExecutionTimeout: 60_000,
          workflowRunTimeout: 50_000,
          workflowTaskTimeout: 7_000,
          retryPolicy: {
            initialInterval: 1_000,
            backoffCoefficient: 3,
            maximumAttempts: 4,
            maximumInterval: 100_000,
          },
          attempt: 1,
          identity: 'starter',
          originalExecutionRunId: execution.runId,
          firstExecutionRunId: execution.runId,
          workflowId: s.id,
        },
      ],
      [
        'WorkflowTaskScheduled',
        { attempt: 1, startToCloseTimeout: 7_000, taskQueue: { name: s.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' } },
      ],
      ['WorkflowTaskStarted', { scheduledEventId: 2, identity: s.identity }],
      ['WorkflowTaskCompleted', { scheduledEventId: 2, startedEventId: 3, identity: s.identity }],
      ['WorkflowExecutionCompleted', { result: ['done'], workflowTaskCompletedEventId: 4 }],
    ]);
  });

  scenario(env, 'a describe shows what was started', async (s) => {
    const execution = await s.start({
      memo: { fields: { note: payload(1) } },
      userMetadata: { summary: payload('a summary') },
      workflowRunTimeout: duration(50_000),
    });
    const described = await s.describe(execution);
    assert.equal(described.workflowExecutionInfo?.execution?.runId, execution.runId);
    assert.equal(described.workflowExecutionInfo?.type?.name, 'some-workflow');
    assert.equal(described.workflowExecutionInfo?.taskQueue, s.taskQueue);
    assert.equal(await s.status(execution), 'Running');
    assert.equal(Number(described.workflowExecutionInfo?.historyLength), 2);
    assert.equal(described.workflowExecutionInfo?.firstRunId, execution.runId);
    assert.equal(described.workflowExecutionInfo?.rootExecution?.runId, execution.runId);
    assert.equal(Number(described.executionConfig?.workflowRunTimeout?.seconds), 50);
    assert.ok(described.executionConfig?.userMetadata?.summary);
    assert.equal(
      described.pendingWorkflowTask?.state,
      enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED,
    );
    await s.pollWorkflowTask();
    const later = await s.describe(execution);
    assert.equal(later.pendingWorkflowTask?.state, enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED);
    assert.equal(later.pendingWorkflowTask?.attempt, 1);
  });

  scenario(env, 'the run timeout is cut to the execution timeout', async (s) => {
    const execution = await s.start({
      workflowExecutionTimeout: duration(20_000),
      workflowRunTimeout: duration(90_000),
    });
    await s.expectEvents(execution, [
      ['WorkflowExecutionStarted', { workflowExecutionTimeout: 20_000, workflowRunTimeout: 20_000 }],
      'WorkflowTaskScheduled',
    ]);
  });

  scenario(env, 'the same request id gives the same run', async (s) => {
    const request = s.startRequest();
    const first = await s.service.startWorkflowExecution(request);
    const second = await s.service.startWorkflowExecution(request);
    assert.equal(second.runId, first.runId);
    assert.equal(first.started, true);
    await s.expectEvents({ workflowId: s.id, runId: first.runId }, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
    ]);
  });

  scenario(env, 'a second start of a running id is refused', async (s) => {
    const { runId } = await s.start();
    await expectFailure(s.start(), {
      code: 'ALREADY_EXISTS',
      message: new RegExp(`^Workflow execution is already running. WorkflowId: ${s.id}, RunId: ${runId}.$`),
      detail: 'WorkflowExecutionAlreadyStartedFailure',
    });
  });

  scenario(env, 'conflict policy USE_EXISTING gives the running run', async (s) => {
    const first = await s.start();
    const response = await s.service.startWorkflowExecution(
      s.startRequest({ workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING }),
    );
    assert.equal(response.runId, first.runId);
    assert.equal(response.started, false);
    assert.equal(response.status, enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
    await s.expectEvents(first, ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  });

  scenario(env, 'conflict policy USE_EXISTING with on-conflict options leaves an options-updated event', async (s) => {
    const first = await s.start();
    const requestId = crypto.randomUUID();
    const response = await s.service.startWorkflowExecution(
      s.startRequest({
        requestId,
        workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
        onConflictOptions: { attachRequestId: true },
      }),
    );
    assert.equal(response.runId, first.runId);
    await s.expectEvents(first, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      ['WorkflowExecutionOptionsUpdated', { attachedRequestId: requestId }],
    ]);
  });

  scenario(env, 'conflict policy TERMINATE_EXISTING ends the running run and starts another', async (s) => {
    const first = await s.start();
    const second = await s.start({
      workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
    });
    assert.notEqual(second.runId, first.runId);
    await s.expectEvents(first, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      [
        'WorkflowExecutionTerminated',
        { reason: 'TerminateIfRunning WorkflowIdReusePolicy', identity: 'history-service' },
      ],
    ]);
    assert.equal((await s.currentRun()).runId, second.runId);
    assert.equal(await s.status(second), 'Running');
  });

  scenario(env, 'reuse policy TERMINATE_IF_RUNNING does as the conflict policy', async (s) => {
    const first = await s.start();
    const second = await s.start({ workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING });
    assert.notEqual(second.runId, first.runId);
    assert.equal(await s.status(first), 'Terminated');
    await s.expectEvents(second, ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  });

  scenario(env, 'reuse policy ALLOW_DUPLICATE starts again after completion', async (s) => {
    const first = await s.start();
    await s.next(completeWorkflow());
    const second = await s.start({ workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE });
    assert.notEqual(second.runId, first.runId);
    await s.expectEvents(second, [
      ['WorkflowExecutionStarted', { firstExecutionRunId: second.runId, continuedExecutionRunId: undefined }],
      'WorkflowTaskScheduled',
    ]);
  });

  scenario(env, 'reuse policy REJECT_DUPLICATE refuses after completion', async (s) => {
    const first = await s.start();
    await s.next(completeWorkflow());
    await expectFailure(s.start({ workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE }), {
      code: 'ALREADY_EXISTS',
      message: `Workflow execution already finished. WorkflowId: ${s.id}, RunId: ${first.runId}. Workflow Id reuse policy: reject duplicate workflow Id.`,
      detail: 'WorkflowExecutionAlreadyStartedFailure',
    });
  });

  scenario(env, 'reuse policy ALLOW_DUPLICATE_FAILED_ONLY looks at how the last run ended', async (s) => {
    const policy = { workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY };
    await s.start();
    await s.next(failWorkflow({ message: 'broken', applicationFailureInfo: { type: 'Broken', nonRetryable: true } }));
    const second = await s.start(policy);
    await s.next(completeWorkflow());
    await expectFailure(s.start(policy), {
      code: 'ALREADY_EXISTS',
      message: `Workflow execution already finished successfully. WorkflowId: ${s.id}, RunId: ${second.runId}. Workflow Id reuse policy: allow duplicate workflow Id if last run failed.`,
      detail: 'WorkflowExecutionAlreadyStartedFailure',
    });
  });

  scenario(env, 'contradictory policies are refused', async (s) => {
    await expectFailure(
      s.start({
        workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING,
        workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
      }),
      {
        code: 'INVALID_ARGUMENT',
        message:
          'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy',
      },
    );
  });

  scenario(env, 'a start delay holds the first workflow task back', async (s) => {
    const began = Date.now();
    const execution = await s.start({ workflowStartDelay: duration(1_000) });
    await s.expectEvents(execution, [['WorkflowExecutionStarted', { firstWorkflowTaskBackoff: 1_000 }]]);
    await s.next(completeWorkflow());
    assert.ok(Date.now() - began >= 1_000, 'not before the delay is over');
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a signal does not end a start delay, a signal-with-start to a delayed run neither', async (s) => {
    const execution = await s.start({ workflowStartDelay: duration(1_500) });
    await s.signal(execution, 'early', [1]);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      ['WorkflowExecutionSignaled', { signalName: 'early' }],
    ]);
    await s.expectNoWorkflowTask(300);
    const task = await s.next(completeWorkflow());
    assert.deepEqual(taskEvents(task), [
      'WorkflowExecutionStarted',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
    ]);
  });

  scenario(env, 'an eager start answers with the first workflow task', async (s) => {
    const request = s.startRequest({ requestEagerExecution: true });
    const response = await s.service.startWorkflowExecution(request);
    const task = response.eagerWorkflowTask;
    assert.ok(task?.taskToken?.length);
    assert.deepEqual(taskEvents(task), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted']);
    await s.respondWorkflowTask(task, [completeWorkflow('eager')]);
    await s.expectEvents({ workflowId: s.id, runId: response.runId }, [
      ['WorkflowExecutionStarted', { eagerExecutionAccepted: true }],
      'WorkflowTaskScheduled',
      ['WorkflowTaskStarted', { identity: 'starter' }],
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
    await s.expectNoWorkflowTask();
  });

  scenario(env, 'signal-with-start of a new id starts it with the signal inside', async (s) => {
    const { runId } = await s.service.signalWithStartWorkflowExecution({
      ...(s.startRequest() as object),
      signalName: 'hello',
      signalInput: payloads('x'),
    });
    const task = await s.next(completeWorkflow());
    assert.equal(task.attempt, 1);
    await s.expectEvents({ workflowId: s.id, runId }, [
      'WorkflowExecutionStarted',
      ['WorkflowExecutionSignaled', { signalName: 'hello', input: ['x'], identity: 'starter' }],
      'WorkflowTaskScheduled',
      'WorkflowTaskStarted',
      'WorkflowTaskCompleted',
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'signal-with-start of a running id only signals', async (s) => {
    const first = await s.start();
    const response = await s.service.signalWithStartWorkflowExecution({
      ...(s.startRequest() as object),
      signalName: 'hello',
      signalInput: payloads('x'),
    });
    assert.equal(response.runId, first.runId);
    assert.equal(response.started, false);
    await s.expectEvents(first, ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowExecutionSignaled']);
  });

  scenario(env, 'signal-with-start of a closed id starts a new run, unless the reuse policy says no', async (s) => {
    const first = await s.start();
    await s.next(completeWorkflow());
    const request = { ...(s.startRequest() as object), signalName: 'hello' };
    await expectFailure(
      s.service.signalWithStartWorkflowExecution({
        ...request,
        workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
      }),
      { code: 'ALREADY_EXISTS', detail: 'WorkflowExecutionAlreadyStartedFailure' },
    );
    const response = await s.service.signalWithStartWorkflowExecution(request);
    assert.notEqual(response.runId, first.runId);
    await s.expectEvents({ workflowId: s.id, runId: response.runId }, [
      'WorkflowExecutionStarted',
      'WorkflowExecutionSignaled',
      'WorkflowTaskScheduled',
    ]);
  });

  scenario(env, 'a signal with the same request id is taken once', async (s) => {
    const execution = await s.start();
    const requestId = crypto.randomUUID();
    await s.signal(execution, 'once', [1], { requestId });
    await s.signal(execution, 'once', [1], { requestId });
    await s.signal(execution, 'twice', [1]);
    await s.expectEvents(execution, [
      'WorkflowExecutionStarted',
      'WorkflowTaskScheduled',
      ['WorkflowExecutionSignaled', { signalName: 'once', identity: 'signaller' }],
      ['WorkflowExecutionSignaled', { signalName: 'twice' }],
    ]);
  });

  scenario(env, 'many starts of one id at once: one wins', async (s) => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => s.start()));
    const won = results.filter((result) => result.status === 'fulfilled');
    assert.equal(won.length, 1);
    await waitUntil(async () => (await s.status({ workflowId: s.id })) === 'Running');
  });
});
