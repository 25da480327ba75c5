// Updates in all stages, update-with-start, and queries in every state of a workflow. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import protos from '@temporalio/proto';
import {
  api,
  applicationFailure,
  decodePayloads,
  duration,
  type Execution,
  enums,
  type Failure,
  type ProtocolMessage,
  payloads,
  type WorkflowTask,
} from './harness/api.ts';
import { completeWorkflow, continueAsNew, protocolMessage, startTimer } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario, taskEvents } from './harness/scenario.ts';

const { UpdateWorkflowExecutionLifecycleStage: Stage } = enums;
const { Acceptance, Rejection, Response, Request } = api.update.v1;

const env = await openEnvironment();
after(() => env.stop());

const STARTED = ['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];
const TASK = ['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'];

function updateRequest(
  s: Scenario,
  execution: { workflowId: string; runId?: string },
  updateId: string,
  stage: number,
) {
  return {
    namespace: s.namespace,
    workflowExecution: execution,
    request: {
      meta: { updateId, identity: 'updater' },
      input: { name: 'some-update', args: payloads('arg') },
    },
    waitPolicy: { lifecycleStage: stage },
  };
}

function update(
  s: Scenario,
  execution: { workflowId: string; runId?: string },
  updateId: string,
  stage = Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
) {
  const call = s.service.updateWorkflowExecution(updateRequest(s, execution, updateId, stage));
  call.catch(() => undefined);
  return call;
}

function anyOf(type: string, bytes: Uint8Array) {
  return { type_url: `type.googleapis.com/temporal.api.update.v1.${type}`, value: bytes };
}

/** The update request inside a protocol message of a workflow task. */
function requestIn(message: ProtocolMessage | undefined) {
  return Request.decode(message?.body?.value as Uint8Array);
}

function accept(message: ProtocolMessage): ProtocolMessage {
  return {
    id: `${message.id}/accept`,
    protocolInstanceId: message.protocolInstanceId ?? '',
    body: anyOf(
      'Acceptance',
      Acceptance.encode({
        acceptedRequestMessageId: message.id ?? '',
        acceptedRequestSequencingEventId: message.eventId ?? null,
        acceptedRequest: requestIn(message),
      }).finish(),
    ),
  };
}

function complete(message: ProtocolMessage, outcome: { value?: unknown; failure?: Failure }): ProtocolMessage {
  return {
    id: `${message.id}/complete`,
    protocolInstanceId: message.protocolInstanceId ?? '',
    body: anyOf(
      'Response',
      Response.encode({
        meta: requestIn(message).meta ?? null,
        outcome: outcome.failure ? { failure: outcome.failure } : { success: payloads(outcome.value) },
      }).finish(),
    ),
  };
}

function reject(message: ProtocolMessage, failure: Failure): ProtocolMessage {
  return {
    id: `${message.id}/reject`,
    protocolInstanceId: message.protocolInstanceId ?? '',
    body: anyOf(
      'Rejection',
      Rejection.encode({
        rejectedRequestMessageId: message.id ?? '',
        rejectedRequestSequencingEventId: message.eventId ?? null,
        rejectedRequest: requestIn(message),
        failure,
      }).finish(),
    ),
  };
}

function onlyMessage(task: WorkflowTask): ProtocolMessage {
  assert.equal(task.messages?.length, 1);
  return task.messages?.[0] as ProtocolMessage;
}

/** Answers a workflow task with messages, each at its place among the commands. */
function answer(s: Scenario, task: WorkflowTask, messages: ProtocolMessage[], commands = [] as object[]) {
  return s.respondWorkflowTask(task, [...messages.map((message) => protocolMessage(message.id ?? '')), ...commands], {
    messages,
  });
}

/** Starts a workflow and answers its first task with nothing. */
async function running(s: Scenario): Promise<Execution> {
  const execution = await s.start();
  await s.next();
  return execution;
}

describe('updates', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'an update is accepted and completed in one task', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    const message = onlyMessage(task);
    assert.equal(message.protocolInstanceId, 'u-1');
    const request = requestIn(message);
    assert.equal(request.input?.name, 'some-update');
    assert.deepEqual(decodePayloads(request.input?.args), ['arg']);
    await answer(s, task, [accept(message), complete(message, { value: 'result' })]);
    const response = await called;
    assert.equal(response.stage, Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
    assert.deepEqual(decodePayloads(response.outcome?.success), ['result']);
    assert.equal(response.updateRef?.updateId, 'u-1');
    assert.equal(response.updateRef?.workflowExecution?.runId, execution.runId);
    await s.expectEvents(execution, [
      ...STARTED,
      ...TASK,
      [
        'WorkflowExecutionUpdateAccepted',
        {
          protocolInstanceId: 'u-1',
          acceptedRequestMessageId: message.id,
          acceptedRequestSequencingEventId: 5,
          acceptedRequest: {
            meta: { updateId: 'u-1', identity: 'updater' },
            input: { name: 'some-update', args: ['arg'] },
          },
        },
      ],
      [
        'WorkflowExecutionUpdateCompleted',
        { meta: { updateId: 'u-1' }, acceptedEventId: 8, outcome: { success: ['result'] } },
      ],
    ]);
  });

  scenario(env, 'a rejected update leaves no trace in the history', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    await s.respondWorkflowTask(task, [], { messages: [reject(onlyMessage(task), applicationFailure('not now'))] });
    const response = await called;
    assert.equal(response.outcome?.failure?.message, 'not now');
    assert.equal(response.stage, Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED);
    await s.expectEvents(execution, STARTED);
    await s.signal(execution, 'go');
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [...STARTED, 'WorkflowExecutionSignaled', ...TASK, 'WorkflowExecutionCompleted']);
  });

  scenario(env, 'a caller that waits for acceptance gets its answer then, and polls for the rest', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1', Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED);
    const task = await s.pollWorkflowTask();
    const message = onlyMessage(task);
    await answer(s, task, [accept(message)], [startTimer('t', 300)]);
    const accepted = await called;
    assert.equal(accepted.stage, Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED);
    assert.equal(accepted.outcome, null);
    const polled = s.service.pollWorkflowExecutionUpdate({
      namespace: s.namespace,
      updateRef: { workflowExecution: execution, updateId: 'u-1' },
      waitPolicy: { lifecycleStage: Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED },
    });
    const later = await s.pollWorkflowTask();
    await answer(s, later, [complete(message, { value: 7 })]);
    const done = await polled;
    assert.deepEqual(decodePayloads(done.outcome?.success), [7]);
    await s.expectEvents(execution, [
      ...STARTED,
      ...TASK,
      'WorkflowExecutionUpdateAccepted',
      'TimerStarted',
      'TimerFired',
      ...TASK,
      ['WorkflowExecutionUpdateCompleted', { acceptedEventId: 8 }],
    ]);
  });

  scenario(env, 'an update that fails carries the failure', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    const message = onlyMessage(task);
    await answer(s, task, [accept(message), complete(message, { failure: applicationFailure('broken') })]);
    assert.equal((await called).outcome?.failure?.message, 'broken');
    await s.expectEvents(execution, [
      ...STARTED,
      ...TASK,
      'WorkflowExecutionUpdateAccepted',
      ['WorkflowExecutionUpdateCompleted', { outcome: { failure: { message: 'broken' } } }],
    ]);
  });

  scenario(env, 'the same update id twice is one update', async (s) => {
    const execution = await running(s);
    const one = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    const two = update(s, execution, 'u-1');
    const message = onlyMessage(task);
    await answer(s, task, [accept(message), complete(message, { value: 1 })]);
    assert.deepEqual(decodePayloads((await one).outcome?.success), [1]);
    assert.deepEqual(decodePayloads((await two).outcome?.success), [1]);
    const three = await update(s, execution, 'u-1');
    assert.deepEqual(decodePayloads(three.outcome?.success), [1], 'also when it is over');
    await s.expectNoWorkflowTask();
  });

  scenario(env, 'several updates come with one task', async (s) => {
    const execution = await s.start();
    const calls = ['a', 'b'].map((id) => update(s, execution, id));
    await s.expectNoActivityTask(300);
    const task = await s.pollWorkflowTask();
    assert.equal(task.messages?.length, 2);
    const messages = task.messages ?? [];
    await answer(s, task, [
      ...messages.map(accept),
      ...messages.map((message) => complete(message, { value: message.protocolInstanceId })),
    ]);
    const results = await Promise.all(calls);
    assert.deepEqual(
      results.flatMap((result) => decodePayloads(result.outcome?.success)),
      ['a', 'b'],
    );
    await s.expectEvents(execution, [
      ...STARTED,
      'WorkflowExecutionUpdateAccepted',
      'WorkflowExecutionUpdateAccepted',
      'WorkflowExecutionUpdateCompleted',
      'WorkflowExecutionUpdateCompleted',
    ]);
  });

  scenario(env, 'an update beside a signal stands on a written task', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    await s.signal(execution, 'meanwhile');
    const message = onlyMessage(task);
    await answer(s, task, [accept(message), complete(message, { value: 1 })]);
    await called;
    await s.next(completeWorkflow());
    await s.expectEvents(execution, [
      ...STARTED,
      ...TASK,
      'WorkflowExecutionUpdateAccepted',
      'WorkflowExecutionUpdateCompleted',
      'WorkflowExecutionSignaled',
      ...TASK,
      'WorkflowExecutionCompleted',
    ]);
  });

  scenario(env, 'a workflow that completes while an update waits aborts it', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    await expectFailure(called, { code: 'NOT_FOUND', message: 'workflow update was aborted by closing workflow' });
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'a run that continues as new sends a waiting update on, once', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    await s.respondWorkflowTask(task, [
      continueAsNew({ workflowType: { name: 'some-type' }, taskQueue: { name: s.taskQueue } }),
    ]);
    await expectFailure(called, {
      code: 'RESOURCE_EXHAUSTED',
      message: 'workflow operation can not be applied because workflow is closing',
    });
    await expectFailure(update(s, execution, 'u-1'), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
    });
    const again = update(s, { workflowId: execution.workflowId }, 'u-1');
    const next = await s.pollWorkflowTask();
    const message = onlyMessage(next);
    await answer(s, next, [accept(message), complete(message, { value: 1 })]);
    const { updateRef } = await again;
    assert.notEqual(updateRef?.workflowExecution?.runId, execution.runId);
  });

  scenario(env, 'an update accepted but not completed when the workflow ends fails', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const task = await s.pollWorkflowTask();
    await answer(s, task, [accept(onlyMessage(task))], [completeWorkflow()]);
    const response = await called;
    assert.match(
      response.outcome?.failure?.message ?? '',
      /Workflow Update failed because the Workflow completed before the Update completed/,
    );
    assert.equal(response.outcome?.failure?.applicationFailureInfo?.type, 'AcceptedUpdateCompletedWorkflow');
  });

  scenario(env, 'an update of a closed, and of an unknown workflow', async (s) => {
    const execution = await s.start();
    await s.next(completeWorkflow());
    await expectFailure(update(s, execution, 'u'), {
      code: 'NOT_FOUND',
      message: 'workflow execution already completed',
      detail: 'NotFoundFailure',
    });
    await expectFailure(update(s, { workflowId: `${s.id}-nobody` }, 'u'), { code: 'NOT_FOUND' });
  });

  scenario(env, 'polling for an unknown update', async (s) => {
    const execution = await running(s);
    await expectFailure(
      s.service.pollWorkflowExecutionUpdate({
        namespace: s.namespace,
        updateRef: { workflowExecution: execution, updateId: 'nobody' },
        waitPolicy: { lifecycleStage: Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED },
      }),
      { code: 'NOT_FOUND', message: 'update "nobody" not found', detail: 'NotFoundFailure' },
    );
  });

  scenario(env, 'waiting for admission alone is refused', async (s) => {
    const execution = await running(s);
    await expectFailure(update(s, execution, 'u', Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED), {
      code: 'PERMISSION_DENIED',
    });
  });

  scenario(env, 'a failed task gives the update again', async (s) => {
    const execution = await running(s);
    const called = update(s, execution, 'u-1');
    const first = await s.pollWorkflowTask();
    await s.failWorkflowTask(first);
    const second = await s.pollWorkflowTask();
    const message = onlyMessage(second);
    await answer(s, second, [accept(message), complete(message, { value: 'second try' })]);
    assert.deepEqual(decodePayloads((await called).outcome?.success), ['second try']);
    const types = (await s.history(execution)).map((event) => event.eventType);
    assert.ok(types.includes(enums.EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED));
  });

  scenario(env, 'an update that nobody answers stays admitted, and the caller learns it', async (s) => {
    const execution = await running(s);
    const call = env.connection.withDeadline(Date.now() + 1_500, () =>
      s.service.updateWorkflowExecution(
        updateRequest(s, execution, 'u-1', Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED),
      ),
    );
    const outcome = await call.then(
      (response) => Stage[response.stage ?? 0],
      (error: { code: number }) => error.code,
    );
    assert.ok(outcome === 4 || outcome === 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED', String(outcome));
    const task = await s.pollWorkflowTask();
    assert.equal(onlyMessage(task).protocolInstanceId, 'u-1');
    await s.terminate(execution);
  });

  scenario(env, 'update-with-start starts and updates in one call', async (s) => {
    const called = s.service.executeMultiOperation({
      namespace: s.namespace,
      operations: [
        { startWorkflow: s.startRequest({ workflowIdConflictPolicy: 2 }) },
        {
          updateWorkflow: updateRequest(
            s,
            { workflowId: s.id },
            'u-1',
            Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
          ),
        },
      ],
    });
    const task = await s.pollWorkflowTask();
    const message = onlyMessage(task);
    await answer(s, task, [accept(message), complete(message, { value: 'both' })]);
    const { responses } = await called;
    assert.equal(responses?.[0]?.startWorkflow?.started, true);
    assert.deepEqual(decodePayloads(responses?.[1]?.updateWorkflow?.outcome?.success), ['both']);
    const runId = responses?.[0]?.startWorkflow?.runId ?? '';
    await s.expectEvents({ workflowId: s.id, runId }, [
      ...STARTED,
      'WorkflowExecutionUpdateAccepted',
      'WorkflowExecutionUpdateCompleted',
    ]);
  });

  scenario(env, 'update-with-start of a running workflow only updates', async (s) => {
    const execution = await running(s);
    const called = s.service.executeMultiOperation({
      namespace: s.namespace,
      operations: [
        { startWorkflow: s.startRequest({ workflowIdConflictPolicy: 2 }) },
        {
          updateWorkflow: updateRequest(
            s,
            { workflowId: s.id },
            'u-1',
            Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
          ),
        },
      ],
    });
    const task = await s.pollWorkflowTask();
    const message = onlyMessage(task);
    await answer(s, task, [accept(message), complete(message, { value: 1 })]);
    const { responses } = await called;
    assert.equal(responses?.[0]?.startWorkflow?.started, false);
    assert.equal(responses?.[0]?.startWorkflow?.runId, execution.runId);
  });

  scenario(env, 'update-with-start that may not start says which operation failed', async (s) => {
    await running(s);
    const error = await expectFailure(
      s.service.executeMultiOperation({
        namespace: s.namespace,
        operations: [
          { startWorkflow: s.startRequest({ workflowIdConflictPolicy: 1 }) },
          {
            updateWorkflow: updateRequest(
              s,
              { workflowId: s.id },
              'u-1',
              Stage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
            ),
          },
        ],
      }),
      {
        code: 'ALREADY_EXISTS',
        message: 'Update-with-Start could not be executed.',
        detail: 'MultiOperationExecutionFailure',
      },
    );
    const status = protos.google.rpc.Status.decode(error.metadata.get('grpc-status-details-bin')[0] as Uint8Array);
    const detail = api.errordetails.v1.MultiOperationExecutionFailure.decode(status.details[0]?.value as Uint8Array);
    assert.deepEqual(
      detail.statuses.map((one) => one.code),
      [6, 10],
    );
  });
});

function query(s: Scenario, execution: { workflowId: string; runId?: string }, queryType = 'state', more: object = {}) {
  const call = env.connection.withDeadline(Date.now() + 15_000, () =>
    s.service.queryWorkflow({
      namespace: s.namespace,
      execution,
      query: { queryType, queryArgs: payloads('q') },
      ...more,
    }),
  );
  call.catch(() => undefined);
  return call;
}

function answerQuery(s: Scenario, task: WorkflowTask, result: { value?: unknown; error?: string }) {
  const { QueryResultType } = enums;
  return s.service.respondQueryTaskCompleted({
    namespace: s.namespace,
    taskToken: task.taskToken as Uint8Array,
    ...(result.error
      ? { completedType: QueryResultType.QUERY_RESULT_TYPE_FAILED, errorMessage: result.error }
      : { completedType: QueryResultType.QUERY_RESULT_TYPE_ANSWERED, queryResult: payloads(result.value) }),
  });
}

describe('queries', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a query of a waiting workflow comes as a task of its own', async (s) => {
    const execution = await running(s);
    const called = query(s, execution);
    const task = await s.pollWorkflowTask();
    assert.equal(task.query?.queryType, 'state');
    assert.deepEqual(decodePayloads(task.query?.queryArgs), ['q']);
    assert.deepEqual(taskEvents(task), STARTED);
    await answerQuery(s, task, { value: 42 });
    assert.deepEqual(decodePayloads((await called).queryResult), [42]);
    await s.expectEvents(execution, STARTED);
  });

  scenario(env, 'a query that the worker cannot answer', async (s) => {
    const execution = await running(s);
    const called = query(s, execution, 'unknown');
    await answerQuery(s, await s.pollWorkflowTask(), { error: 'no such query' });
    await expectFailure(called, { code: 'INVALID_ARGUMENT', message: 'no such query', detail: 'QueryFailedFailure' });
  });

  scenario(env, 'a query of a closed workflow', async (s) => {
    const execution = await s.start();
    await s.next(completeWorkflow());
    const called = query(s, execution);
    const task = await s.pollWorkflowTask();
    assert.deepEqual(taskEvents(task), [...STARTED, 'WorkflowExecutionCompleted']);
    await answerQuery(s, task, { value: 'closed' });
    assert.deepEqual(decodePayloads((await called).queryResult), ['closed']);
  });

  scenario(env, 'a query before the first workflow task is done waits for it', async (s) => {
    const execution = await s.start();
    const called = query(s, execution);
    const task = await s.pollWorkflowTask();
    await s.respondWorkflowTask(task, []);
    const second = await s.pollWorkflowTask();
    assert.equal(second.query?.queryType, 'state');
    await answerQuery(s, second, { value: 'after' });
    assert.deepEqual(decodePayloads((await called).queryResult), ['after']);
  });

  scenario(env, 'a query while a task is pending is answered with that task', async (s) => {
    const execution = await running(s);
    await s.signal(execution, 'change');
    const called = query(s, execution);
    await s.expectNoActivityTask(300);
    const task = await s.pollWorkflowTask();
    const [queryId, found] = Object.entries(task.queries ?? {})[0] ?? [];
    assert.equal(found?.queryType, 'state');
    await s.respondWorkflowTask(task, [], {
      queryResults: {
        [queryId ?? '']: {
          resultType: enums.QueryResultType.QUERY_RESULT_TYPE_ANSWERED,
          answer: payloads('consistent'),
        },
      },
    });
    assert.deepEqual(decodePayloads((await called).queryResult), ['consistent']);
    await s.expectEvents(execution, [...STARTED, 'WorkflowExecutionSignaled', ...TASK]);
  });

  scenario(env, 'a query that is to be rejected when the workflow is not open', async (s) => {
    const { QueryRejectCondition } = enums;
    const execution = await s.start();
    await s.next(completeWorkflow());
    const response = await query(s, execution, 'state', {
      queryRejectCondition: QueryRejectCondition.QUERY_REJECT_CONDITION_NOT_OPEN,
    });
    assert.equal(response.queryRejected?.status, enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    const cleanly = query(s, execution, 'state', {
      queryRejectCondition: QueryRejectCondition.QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY,
    });
    await answerQuery(s, await s.pollWorkflowTask(), { value: 'ok' });
    assert.deepEqual(decodePayloads((await cleanly).queryResult), ['ok']);
  });

  scenario(env, 'a query without a worker ends with the caller’s deadline', async (s) => {
    const execution = await s.start();
    await s.next();
    const call = env.connection.withDeadline(Date.now() + 1_000, () =>
      s.service.queryWorkflow({ namespace: s.namespace, execution, query: { queryType: 'state' } }),
    );
    await expectFailure(call, { code: 'DEADLINE_EXCEEDED' });
  });

  scenario(env, 'a query of an unknown workflow', async (s) => {
    await expectFailure(query(s, { workflowId: `${s.id}-nobody` }), { code: 'NOT_FOUND', detail: 'NotFoundFailure' });
  });

  scenario(env, 'a query before the delayed first task is refused', async (s) => {
    const execution = await s.start({ workflowStartDelay: duration(30_000) });
    await expectFailure(query(s, execution), { code: 'FAILED_PRECONDITION' });
    await s.terminate(execution);
  });
});
