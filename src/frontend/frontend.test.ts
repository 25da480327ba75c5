import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { PollRequest, RespondQueryTaskCompletedRequest, TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import { QueryTaskToken, TaskToken } from '#proto/ostinato/token/v1';
import { ApiRequest as WorkerApiRequest } from '#proto/ostinato/worker/v1';
import {
  HistoryEventFilterType,
  NamespaceState,
  QueryRejectCondition,
  QueryResultType,
  ResetReapplyType,
  TaskQueueKind,
  TaskQueueType,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '#proto/temporal/api/enums/v1';
import {
  ClientVersionNotSupportedFailure,
  MultiOperationExecutionFailure,
  NamespaceInvalidStateFailure,
  NamespaceNotFoundFailure,
  ResourceExhaustedFailure,
  ServerVersionNotSupportedFailure,
} from '#proto/temporal/api/errordetails/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import * as operator from '#proto/temporal/api/operatorservice/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { decodeStatus, multiOperationFailed, notFound } from '../proto/service-errors.ts';
import { unreadableRequest } from '../proto/unreadable-request.ts';
import { WireError } from '../proto/wire.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';

const START = {
  namespace: 'default',
  workflowId: 'order-1',
  workflowType: { name: 'Order' },
  taskQueue: { name: 'orders', kind: TaskQueueKind.NORMAL },
};
const start = (fields: api.StartWorkflowExecutionRequestInit = {}) =>
  api.StartWorkflowExecutionRequest.encode({ ...START, ...fields });
const describe = (namespace = 'default') =>
  api.DescribeWorkflowExecutionRequest.encode({ namespace, execution: { workflowId: 'order-1' } });
const TASK_TOKEN = TaskToken.encode({ namespaceId: NAMESPACE_ID, workflowId: 'order-1', activityId: 'a' });
const BYTES_10 = new Uint8Array([0x0a, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]);

interface ServiceDescriptor {
  readonly methods: Readonly<Record<string, unknown>>;
}

test('every public method is in the table', () => {
  const root = createRequire(import.meta.url)('@temporalio/proto/protos/json-module.js') as {
    lookup(path: string): ServiceDescriptor;
  };
  const { methods } = new FrontendHarness();
  const names = ['workflowservice.v1.WorkflowService', 'operatorservice.v1.OperatorService'].flatMap((service) =>
    Object.keys(root.lookup(`temporal.api.${service}`).methods).map((method) => `/temporal.api.${service}/${method}`),
  );
  const isPublic = (path: string) => !path.startsWith('/temporal.server.');
  assert.deepEqual([...methods.keys()].filter(isPublic).sort(), names.sort());
});

test('what is not there is refused by name', async () => {
  const harness = new FrontendHarness();
  const refusals: Record<string, string> = {
    CreateSchedule: 'method CreateSchedule not implemented',
    DescribeDeployment: 'Deployments are deprecated and no longer supported, use Worker Deployments instead',
    CountWorkers: 'unknown method CountWorkers for service temporal.api.workflowservice.v1.WorkflowService',
  };
  for (const [method, message] of Object.entries(refusals)) {
    const named = api.DeprecateNamespaceRequest.encode({ namespace: 'default' });
    const status = await harness.refusal(method, named);
    assert.equal(status.details, undefined);
    assert.equal(status.code, GrpcCode.UNIMPLEMENTED);
    assert.equal(status.message, message);
  }
});

test('a start goes to the shard of its workflow with the defaults filled', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => api.StartWorkflowExecutionResponse.encode({ runId: 'run', started: true });
  const message = start({ retryPolicy: { initialInterval: 2000 }, taskQueue: { name: 'orders' } });
  const { response } = await harness.call('StartWorkflowExecution', message, {
    headers: { 'client-name': 'temporal-go', 'client-version': '1.30.0', 'supported-features': 'follows-next-run-id' },
  });
  assert.equal(api.StartWorkflowExecutionResponse.decode(response as Uint8Array).runId, 'run');
  const [routed] = harness.routed;
  assert.equal(routed?.target, shardIdOf(NAMESPACE_ID, 'order-1', 4));
  const envelope = ApiRequest.decode(routed?.request as Uint8Array);
  assert.equal(envelope.namespaceId, NAMESPACE_ID);
  assert.equal(envelope.clientName, 'temporal-go');
  assert.equal(envelope.clientVersion, '1.30.0');
  assert.equal(envelope.supportedFeatures, 'follows-next-run-id');
  const request = api.StartWorkflowExecutionRequest.decode(envelope.request);
  assert.equal(request.workflowIdReusePolicy, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
  assert.equal(request.workflowIdConflictPolicy, WorkflowIdConflictPolicy.FAIL);
  assert.equal(request.requestId, '00000000-0000-4000-8000-000000000001');
  assert.equal(request.taskQueue?.kind, TaskQueueKind.NORMAL);
  assert.deepEqual(request.retryPolicy, {
    initialInterval: 2000,
    backoffCoefficient: 2,
    maximumInterval: 200_000,
    maximumAttempts: 0,
    nonRetryableErrorTypes: [],
  });
});

test('a complete start passes byte for byte', async () => {
  const harness = new FrontendHarness();
  const message = start({
    requestId: 'r',
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  });
  await harness.call('StartWorkflowExecution', message);
  assert.deepEqual(
    new Uint8Array(ApiRequest.decode(harness.routed[0]?.request as Uint8Array).request),
    new Uint8Array(message),
  );
});

test('terminate-if-running becomes a conflict policy', async () => {
  const harness = new FrontendHarness();
  const message = start({ workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING });
  await harness.call('StartWorkflowExecution', message);
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.equal(request.workflowIdReusePolicy, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
  assert.equal(request.workflowIdConflictPolicy, WorkflowIdConflictPolicy.TERMINATE_EXISTING);
});

test('timeouts beyond a century are capped', async () => {
  const harness = new FrontendHarness();
  await harness.call('StartWorkflowExecution', start({ workflowRunTimeout: 200 * 365 * 86_400_000 }));
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.equal(request.workflowRunTimeout, 100 * 365 * 86_400_000);
});

test('durations whose parts differ in sign are refused', async () => {
  const harness = new FrontendHarness();
  // seconds: 1, nanos: -5
  const mixed = Buffer.from([8, 1, 16, ...[0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]]);
  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from([((number * 8 + 2) & 0x7f) | (number > 15 ? 0x80 : 0), ...(number > 15 ? [1] : []), bytes.length]),
      bytes,
    ]);
  const cause = 'duration has seconds and nanos with different signs';
  for (const [suffix, message] of [
    [field(6, mixed), `An invalid WorkflowExecutionTimeoutSeconds is set on request. cause: ${cause}`],
    [field(7, mixed), `An invalid WorkflowRunTimeoutSeconds is set on request. cause: ${cause}`],
    [field(8, mixed), `An invalid WorkflowTaskTimeoutSeconds is set on request. cause: ${cause}`],
    [field(20, mixed), `An invalid WorkflowStartDelaySeconds is set on request. cause: ${cause}`],
    [field(12, field(1, mixed)), `invalid InitialInterval set on retry policy: ${cause}`],
    [field(12, field(3, mixed)), `invalid MaximumInterval set on retry policy: ${cause}`],
  ] as const) {
    const status = await harness.refusal('StartWorkflowExecution', Buffer.concat([start(), suffix]));
    assert.equal(status.message, message);
    assert.equal(status.code, GrpcCode.INVALID_ARGUMENT);
  }
  const fine = await harness.call('StartWorkflowExecution', start({ workflowRunTimeout: 1500.5 }));
  assert.equal(fine.status, undefined);
});

test('callback headers become lower case and their links are not kept twice', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('component.callbacks.allowedAddresses', [{ Pattern: 'host:*' }] as never);
  const event = { namespace: 'default', workflowId: 'w', runId: 'r' };
  const { Link } = await import('#proto/temporal/api/common/v1');
  const link = Link.encode({ workflowEvent: event });
  const other = Link.encode({ workflowEvent: { ...event, workflowId: 'v' } });
  const nexus = { url: 'https://host:80/x', header: new Map([['X-Token', 't']]) };
  await harness.call(
    'StartWorkflowExecution',
    start({ links: [link, other], completionCallbacks: [{ nexus, links: [link] }] }),
  );
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.deepEqual(request.completionCallbacks[0]?.nexus?.header, new Map([['x-token', 't']]));
  assert.deepEqual(
    request.links.map((kept) => Link.decode(kept).workflowEvent?.workflowId),
    ['v'],
  );
  const status = await harness.refusal(
    'StartWorkflowExecution',
    start({ completionCallbacks: [{ nexus: { ...nexus, url: 'http://host:80/x' } }] }),
  );
  assert.equal(status.message, 'invalid url: callback address does not allow insecure connections: http://host:80/x');
});

test('search attributes are checked with the namespace of the call', async () => {
  const seen: string[] = [];
  const harness = new FrontendHarness({
    searchAttributes: { check: (bytes, namespace) => void seen.push(`${namespace.name} ${bytes.length}`) },
  });
  await harness.call('StartWorkflowExecution', start({ searchAttributes: new Uint8Array(0) }));
  await harness.call(
    'SignalWithStartWorkflowExecution',
    api.SignalWithStartWorkflowExecutionRequest.encode({ ...START, signalName: 's', searchAttributes: BYTES_10 }),
  );
  assert.deepEqual(seen, ['default 0', 'default 10']);
});

test('defaults are filled where Temporal fills them', async () => {
  const harness = new FrontendHarness();
  const execution = { workflowId: 'order-1', runId: '' };
  await harness.call(
    'TerminateWorkflowExecution',
    api.TerminateWorkflowExecutionRequest.encode({ namespace: 'default', workflowExecution: execution }),
  );
  const terminate = harness.lastRequest(ApiRequest, api.TerminateWorkflowExecutionRequest);
  assert.equal(terminate.reason, 'terminated by user via frontend');
  assert.equal(terminate.identity, 'frontend-service');

  await harness.call(
    'ResetWorkflowExecution',
    api.ResetWorkflowExecutionRequest.encode({ namespace: 'default', workflowExecution: execution, requestId: 'r' }),
  );
  const reset = harness.lastRequest(ApiRequest, api.ResetWorkflowExecutionRequest);
  assert.equal(reset.resetReapplyType, ResetReapplyType.ALL_ELIGIBLE);

  await harness.call(
    'GetWorkflowExecutionHistory',
    api.GetWorkflowExecutionHistoryRequest.encode({ namespace: 'default', execution, maximumPageSize: 5000 }),
  );
  const history = harness.lastRequest(ApiRequest, api.GetWorkflowExecutionHistoryRequest);
  assert.equal(history.maximumPageSize, 256);
  assert.equal(history.historyEventFilterType, HistoryEventFilterType.ALL_EVENT);

  await harness.call(
    'QueryWorkflow',
    api.QueryWorkflowRequest.encode({ namespace: 'default', execution, query: { queryType: 'q' } }),
  );
  assert.equal(
    harness.lastRequest(ApiRequest, api.QueryWorkflowRequest).queryRejectCondition,
    QueryRejectCondition.NONE,
  );

  await harness.call(
    'UpdateWorkflowExecution',
    api.UpdateWorkflowExecutionRequest.encode({
      namespace: 'default',
      workflowExecution: execution,
      request: { meta: { identity: 'me' }, input: { name: 'add' } },
    }),
  );
  const update = harness.lastRequest(ApiRequest, api.UpdateWorkflowExecutionRequest);
  assert.equal(update.request?.meta?.updateId, '00000000-0000-4000-8000-000000000001');
  assert.equal(update.request?.meta?.identity, 'me');
  assert.equal(update.waitPolicy?.lifecycleStage, 3);

  await harness.call(
    'ListWorkflowExecutions',
    api.ListWorkflowExecutionsRequest.encode({ namespace: 'default', pageSize: 5000, query: 'x' }),
  );
  const list = harness.lastRequest(WorkerApiRequest, api.ListWorkflowExecutionsRequest);
  assert.equal(list.pageSize, 1000);
  assert.equal(list.query, 'x');
});

test('a poll goes to its partition and is cancelled with its client', async () => {
  const harness = new FrontendHarness();
  let aborted = false;
  harness.answer = ({ options }) =>
    new Promise((_resolve, reject) => {
      options?.cancellation?.listen({
        onCancelled: () => {
          aborted = true;
          reject(new ServiceError(GrpcCode.CANCELLED, 'context canceled'));
        },
      });
    });
  const message = api.PollWorkflowTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'orders' } });
  const poll = harness.begin('PollWorkflowTaskQueue', message, { timeoutMs: 60_000 });
  const [routed] = harness.routed;
  assert.equal(routed?.target, `${NAMESPACE_ID}:orders:1`);
  assert.equal(routed?.options?.deadlineMs, harness.clock.nowMs() + 60_000);
  const { partition, request, pollerId } = PollRequest.decode(routed?.request as Uint8Array);
  assert.deepEqual(partition, {
    namespaceId: NAMESPACE_ID,
    taskQueue: 'orders',
    taskQueueType: TaskQueueType.WORKFLOW,
    partitionId: 0,
    sticky: false,
    normalName: '',
  });
  assert.equal(pollerId, '00000000-0000-4000-8000-000000000001');
  assert.equal(api.PollWorkflowTaskQueueRequest.decode(request).taskQueue?.kind, TaskQueueKind.NORMAL);
  poll.cancel();
  assert.equal(aborted, true);
});

test('polls are spread over the partitions of their queue', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('matching.numTaskqueueReadPartitions', 2);
  harness.answer = () => new Promise(() => {});
  const poll = api.PollActivityTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'q' } });
  const sticky = api.PollWorkflowTaskQueueRequest.encode({
    namespace: 'default',
    taskQueue: { name: 'mine', kind: TaskQueueKind.STICKY },
  });
  for (let i = 0; i < 3; i++) harness.begin('PollActivityTaskQueue', poll, { timeoutMs: 60_000 });
  harness.begin('PollWorkflowTaskQueue', sticky, { timeoutMs: 60_000 });
  assert.deepEqual(
    harness.routed.map(({ target }) => target),
    [`${NAMESPACE_ID}:q:2`, `${NAMESPACE_ID}:/_sys/q/1:2`, `${NAMESPACE_ID}:q:2`, `${NAMESPACE_ID}:mine:1`],
  );
});

test('a worker that leaves takes its sticky queue and its polls with it', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('matching.numTaskqueueReadPartitions', 2);
  harness.answer = ({ target }) => {
    if (String(target).includes('/_sys/')) throw new ServiceError(GrpcCode.NOT_FOUND, 'not loaded');
    return new Uint8Array(0);
  };
  const leave = (fields: api.ShutdownWorkerRequestInit) =>
    harness.call('ShutdownWorker', api.ShutdownWorkerRequest.encode({ namespace: 'default', ...fields }));
  assert.equal((await leave({ stickyTaskQueue: 'mine', taskQueue: 'q', workerInstanceKey: 'w' })).status, undefined);
  assert.deepEqual(
    harness.routed.map(({ target }) => target),
    [
      `${NAMESPACE_ID}:mine:1`,
      `${NAMESPACE_ID}:q:1`,
      `${NAMESPACE_ID}:/_sys/q/1:1`,
      `${NAMESPACE_ID}:q:2`,
      `${NAMESPACE_ID}:/_sys/q/1:2`,
    ],
  );
  assert.equal((await leave({ stickyTaskQueue: 'mine' })).status, undefined);
  assert.equal(harness.routed.length, 6);
});

test('stopping ends calls that wait', async () => {
  const harness = new FrontendHarness();
  harness.answer = ({ options }) =>
    new Promise((resolve) => options?.cancellation?.listen({ onCancelled: () => resolve(new Uint8Array(0)) }));
  const message = api.PollActivityTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'orders' } });
  const poll = harness.begin('PollActivityTaskQueue', message, { timeoutMs: 60_000 });
  harness.stop();
  harness.stop();
  assert.equal((await poll.finished).response?.length, 0);
});

test('a completion finds its workflow by the token, with or without a namespace', async () => {
  for (const namespace of ['', 'default']) {
    const harness = new FrontendHarness();
    const message = api.RespondWorkflowTaskCompletedRequest.encode({
      namespace,
      taskToken: TASK_TOKEN,
      identity: 'worker-1',
      commands: [{ commandType: 1 }],
    });
    await harness.call('RespondWorkflowTaskCompleted', message);
    const [routed] = harness.routed;
    assert.equal(routed?.target, shardIdOf(NAMESPACE_ID, 'order-1', 4));
    const envelope = ApiRequest.decode(routed?.request as Uint8Array);
    assert.deepEqual(new Uint8Array(envelope.request), new Uint8Array(message));
  }
});

test('eager activities are taken back from clients that cannot run them', async () => {
  const message = api.RespondWorkflowTaskCompletedRequest.encode({
    taskToken: TASK_TOKEN,
    commands: [
      { commandType: 1, scheduleActivityTaskCommandAttributes: { activityId: 'a', requestEagerExecution: true } },
    ],
  });
  for (const [version, eager] of [
    ['1.4.3', false],
    ['1.4.4', true],
    ['1.4.4', true],
    ['nightly', true],
  ] as const) {
    const harness = new FrontendHarness();
    await harness.call('RespondWorkflowTaskCompleted', message, {
      headers: {
        'client-name': 'temporal-typescript',
        ...(version === 'nightly' ? {} : { 'client-version': version }),
      },
    });
    const { commands } = harness.lastRequest(ApiRequest, api.RespondWorkflowTaskCompletedRequest);
    assert.equal(commands[0]?.scheduleActivityTaskCommandAttributes?.requestEagerExecution, eager, version);
  }
});

test('a large activity result fails the activity instead', async () => {
  for (const [method, codec, fields, answer] of [
    [
      'RespondActivityTaskCompleted',
      api.RespondActivityTaskCompletedRequest,
      { taskToken: TASK_TOKEN, result: BYTES_10 },
      'Complete result exceeds size limit.',
    ],
    [
      'RespondActivityTaskCanceled',
      api.RespondActivityTaskCanceledRequest,
      { taskToken: TASK_TOKEN, details: BYTES_10 },
      'Cancel details exceed size limit.',
    ],
    [
      'RespondActivityTaskCompletedById',
      api.RespondActivityTaskCompletedByIdRequest,
      { namespace: 'default', workflowId: 'order-1', activityId: 'a', result: BYTES_10 },
      'Complete result exceeds size limit.',
    ],
    [
      'RecordActivityTaskHeartbeat',
      api.RecordActivityTaskHeartbeatRequest,
      { taskToken: TASK_TOKEN, details: BYTES_10 },
      'Heartbeat details exceed size limit.',
    ],
  ] as const) {
    const harness = new FrontendHarness();
    harness.settings.set('limit.blobSize.warn', 5);
    harness.settings.set('limit.blobSize.error', 9);
    const { response } = await harness.call(method, (codec.encode as (init: object) => Uint8Array)(fields));
    assert.equal(harness.routed[0]?.method, 'RespondActivityTaskFailed');
    const request = harness.lastRequest(ApiRequest, api.RespondActivityTaskFailedRequest);
    const failure = Failure.decode(request.failure as Uint8Array);
    assert.equal(failure.message, answer);
    assert.equal(failure.serverFailureInfo?.nonRetryable, true);
    const token = TaskToken.decode(request.taskToken);
    assert.equal(token.workflowId, 'order-1');
    assert.equal(token.activityId, 'a');
    if (method === 'RecordActivityTaskHeartbeat') {
      assert.equal(api.RecordActivityTaskHeartbeatResponse.decode(response as Uint8Array).cancelRequested, true);
    }
  }
});

test('a large activity failure is cut and the worker told', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('limit.blobSize.warn', 60);
  harness.settings.set('limit.blobSize.error', 60);
  const failure = Failure.encode({
    message: 'é'.repeat(100),
    stackTrace: 'at work',
    applicationFailureInfo: { type: 'Broken', nonRetryable: true },
  });
  const { response } = await harness.call(
    'RespondActivityTaskFailed',
    api.RespondActivityTaskFailedRequest.encode({ taskToken: TASK_TOKEN, failure, lastHeartbeatDetails: BYTES_10 }),
  );
  const answer = api.RespondActivityTaskFailedResponse.decode(response as Uint8Array);
  assert.deepEqual(
    answer.failures.map((told) => Failure.decode(told).message),
    ['Failure exceeds size limit.'],
  );
  const request = harness.lastRequest(ApiRequest, api.RespondActivityTaskFailedRequest);
  assert.notEqual(request.lastHeartbeatDetails, undefined);
  const cause = Failure.decode(Failure.decode(request.failure as Uint8Array).cause as Uint8Array);
  assert.equal(cause.applicationFailureInfo?.type, 'Broken');
  assert.equal(cause.applicationFailureInfo?.nonRetryable, true);
  assert.equal(cause.message, 'é'.repeat(21));
  assert.equal(cause.stackTrace, '');
});

test("a query's answer goes to the partition that waits for it", async () => {
  const harness = new FrontendHarness();
  const taskToken = QueryTaskToken.encode({ namespaceId: NAMESPACE_ID, taskQueue: '/_sys/orders/2', taskId: 't' });
  const message = api.RespondQueryTaskCompletedRequest.encode({ taskToken, queryResult: BYTES_10 });
  await harness.call('RespondQueryTaskCompleted', message);
  assert.equal(harness.routed[0]?.target, `${NAMESPACE_ID}:/_sys/orders/2:1`);
  const envelope = RespondQueryTaskCompletedRequest.decode(harness.routed[0]?.request as Uint8Array);
  assert.equal(envelope.taskId, 't');

  harness.settings.set('limit.blobSize.error', 9);
  harness.settings.set('limit.blobSize.warn', 9);
  await harness.call('RespondQueryTaskCompleted', message);
  const answer = harness.lastRequest(RespondQueryTaskCompletedRequest, api.RespondQueryTaskCompletedRequest);
  assert.equal(answer.completedType, QueryResultType.FAILED);
  assert.equal(answer.errorMessage, 'Blob data size exceeds limit.');

  const empty = QueryTaskToken.encode({ namespaceId: NAMESPACE_ID });
  const refusal = await harness.refusal(
    'RespondQueryTaskCompleted',
    api.RespondQueryTaskCompletedRequest.encode({ taskToken: empty }),
  );
  assert.equal(refusal.message, 'Invalid TaskToken.');
});

test('a query that nobody answers in time says so', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(new ServiceError(GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded'));
  const status = await harness.refusal(
    'QueryWorkflow',
    api.QueryWorkflowRequest.encode({
      namespace: 'default',
      execution: { workflowId: 'w' },
      query: { queryType: 'q' },
    }),
  );
  assert.equal(status.code, GrpcCode.DEADLINE_EXCEEDED);
  assert.equal(status.message, 'query timed out before a worker could process it');
});

test('DescribeTaskQueue fills what is described', async () => {
  const harness = new FrontendHarness();
  await harness.call(
    'DescribeTaskQueue',
    api.DescribeTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: '/_sys/q/3' } }),
  );
  assert.equal(harness.routed[0]?.target, `${NAMESPACE_ID}:/_sys/q/3:1`);
  const request = harness.lastRequest(TaskQueueApiRequest, api.DescribeTaskQueueRequest);
  assert.equal(request.taskQueueType, TaskQueueType.WORKFLOW);
  assert.deepEqual(request.taskQueueTypes, [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY]);
});

// ---- update with start

const UPDATE = {
  workflowExecution: { workflowId: 'order-1' },
  request: { meta: { updateId: 'u' }, input: { name: 'add' } },
};
const both = (startFields: object, updateFields: object) =>
  api.ExecuteMultiOperationRequest.encode({
    namespace: 'default',
    operations: [
      { startWorkflow: { ...START, namespace: '', ...startFields } },
      { updateWorkflow: { ...UPDATE, ...updateFields } },
    ],
  });

test('update-with-start goes to history with both operations completed', async () => {
  const harness = new FrontendHarness();
  await harness.call('ExecuteMultiOperation', both({}, {}));
  assert.equal(harness.routed[0]?.target, shardIdOf(NAMESPACE_ID, 'order-1', 4));
  const { operations } = harness.lastRequest(ApiRequest, api.ExecuteMultiOperationRequest);
  assert.equal(operations[0]?.startWorkflow?.workflowIdConflictPolicy, WorkflowIdConflictPolicy.FAIL);
  assert.equal(operations[0]?.startWorkflow?.requestId, '00000000-0000-4000-8000-000000000001');
  assert.equal(operations[1]?.updateWorkflow?.waitPolicy?.lifecycleStage, 3);
  assert.equal(operations[1]?.updateWorkflow?.request?.meta?.updateId, 'u');
});

test('update-with-start is exactly that', async () => {
  const harness = new FrontendHarness();
  const startOnly = { startWorkflow: START };
  for (const operations of [[], [startOnly], [startOnly, startOnly], [{ updateWorkflow: UPDATE }, startOnly]]) {
    const message = api.ExecuteMultiOperationRequest.encode({ namespace: 'default', operations });
    const status = await harness.refusal('ExecuteMultiOperation', message);
    assert.equal(status.message, 'Operations have to be exactly [Start, Update].');
  }
});

test('a fault in one operation aborts the other', async () => {
  const aborted = 'Operation was aborted.';
  const faults: readonly [object, object, string, string][] = [
    [{ workflowId: '' }, {}, 'WorkflowId is not set on request.', aborted],
    [{ namespace: 'other' }, {}, "Operation namespace did not match request's namespace.", aborted],
    [{ cronSchedule: '* * * * *' }, {}, 'CronSchedule is not allowed.', aborted],
    [{ requestEagerExecution: true }, {}, 'RequestEagerExecution is not supported.', aborted],
    [{ workflowStartDelay: 1000 }, {}, 'WorkflowStartDelay is not supported.', aborted],
    [{}, { firstExecutionRunId: 'r' }, aborted, 'FirstExecutionRunId is not allowed.'],
    [
      {},
      { workflowExecution: { workflowId: 'order-1', runId: '7a0b1c2d-3e4f-4a5b-8c6d-7e8f90a1b2c3' } },
      aborted,
      'RunId is not allowed.',
    ],
    [
      {},
      { workflowExecution: { workflowId: 'order-2' } },
      aborted,
      'WorkflowId is not consistent with previous operation(s).',
    ],
  ];
  for (const [startFields, updateFields, startStatus, updateStatus] of faults) {
    const harness = new FrontendHarness();
    const status = await harness.refusal('ExecuteMultiOperation', both(startFields, updateFields));
    assert.equal(status.code, GrpcCode.INVALID_ARGUMENT);
    assert.equal(status.message, 'Update-with-Start could not be executed.');
    const { statuses } = MultiOperationExecutionFailure.decode(
      decodeStatus(status.details as Uint8Array).details[0]?.value as Uint8Array,
    );
    assert.deepEqual(
      statuses.map((each) => each.message),
      [startStatus, updateStatus],
    );
    const atFault = statuses.findIndex((each) => each.message !== aborted);
    assert.equal(statuses[atFault]?.code, GrpcCode.INVALID_ARGUMENT);
    assert.equal(statuses[1 - atFault]?.code, GrpcCode.ABORTED);
    assert.match(statuses[1 - atFault]?.details[0]?.typeUrl ?? '', /MultiOperationExecutionAborted$/);
  }
});

test("history's multi-operation failures are told in users' words", async () => {
  const harness = new FrontendHarness();
  harness.answer = () =>
    Promise.reject(multiOperationFailed('MultiOperation could not be executed.', GrpcCode.ALREADY_EXISTS, []));
  const status = await harness.refusal('ExecuteMultiOperation', both({}, {}));
  assert.equal(status.code, GrpcCode.ALREADY_EXISTS);
  assert.equal(status.message, 'Update-with-Start could not be executed.');
});

// ---- namespaces

test('a namespace that this thread does not know yet delays the call, not more', async () => {
  const harness = new FrontendHarness();
  harness.late.add('default');
  await harness.call('DescribeWorkflowExecution', describe());
  const request = harness.lastRequest(ApiRequest, api.DescribeWorkflowExecutionRequest);
  assert.equal(request.execution?.workflowId, 'order-1', 'the request is kept over the wait');

  const message = api.RespondActivityTaskCompletedRequest.encode({ taskToken: TASK_TOKEN, identity: 'me' });
  await harness.call('RespondActivityTaskCompleted', message);
  assert.equal(harness.lastRequest(ApiRequest, api.RespondActivityTaskCompletedRequest).identity, 'me');
});

test('an unknown namespace is told with its detail', async () => {
  const status = await new FrontendHarness().refusal('DescribeWorkflowExecution', describe('nowhere'));
  const [detail] = decodeStatus(status.details as Uint8Array).details;
  assert.equal(detail?.typeUrl, `type.googleapis.com/${NamespaceNotFoundFailure.typeName}`);
  assert.equal(NamespaceNotFoundFailure.decode(detail.value).namespace, 'nowhere');
});

test('the state of a namespace decides what it allows', async () => {
  const harness = new FrontendHarness();
  harness.addNamespace({ id: 'd', name: 'old', state: NamespaceState.DEPRECATED });
  harness.addNamespace({ id: 'x', name: 'gone', state: NamespaceState.DELETED });
  assert.equal((await harness.call('DescribeWorkflowExecution', describe('old'))).status, undefined);
  const status = await harness.refusal('StartWorkflowExecution', start({ namespace: 'old' }));
  assert.equal(status.code, GrpcCode.FAILED_PRECONDITION);
  assert.equal(status.message, 'Namespace has invalid state: Deprecated. Must be Registered.');
  const [detail] = decodeStatus(status.details as Uint8Array).details;
  assert.deepEqual(NamespaceInvalidStateFailure.decode(detail?.value as Uint8Array), {
    namespace: 'old',
    state: NamespaceState.DEPRECATED,
    allowedStates: [NamespaceState.REGISTERED],
  });
  const gone = await harness.refusal('DescribeWorkflowExecution', describe('gone'));
  assert.equal(gone.message, 'Namespace has invalid state: Deleted. Must be Registered or Deprecated.');
});

test('namespace methods reach the worker, known or not', async () => {
  const harness = new FrontendHarness();
  await harness.call('RegisterNamespace', api.RegisterNamespaceRequest.encode({ namespace: 'new' }));
  await harness.call('DescribeNamespace', api.DescribeNamespaceRequest.encode({ id: 'some-id' }));
  await harness.call('ListNamespaces', api.ListNamespacesRequest.encode({}));
  await harness.call('GetClusterInfo', new Uint8Array(0));
  await harness.call('DeleteNamespace', operator.DeleteNamespaceRequest.encode({ namespaceId: NAMESPACE_ID }), {
    service: 'OperatorService',
  });
  await harness.call('AddSearchAttributes', operator.AddSearchAttributesRequest.encode({}), {
    service: 'OperatorService',
  });
  assert.deepEqual(
    harness.routed.map(({ service, method }) => `${service} ${method}`),
    [
      'worker RegisterNamespace',
      'worker DescribeNamespace',
      'worker ListNamespaces',
      'worker GetClusterInfo',
      'worker DeleteNamespace',
      'worker AddSearchAttributes',
    ],
  );
  assert.equal(WorkerApiRequest.decode(harness.routed[4]?.request as Uint8Array).namespaceId, NAMESPACE_ID);
  for (const [method, message, settings] of [
    ['RegisterNamespace', new Uint8Array(0), {}],
    ['DescribeNamespace', new Uint8Array(0), {}],
    ['DeleteNamespace', new Uint8Array(0), { service: 'OperatorService' }],
  ] as const) {
    assert.equal((await harness.refusal(method, message, settings)).message, 'Namespace not set on request.');
  }
  const doubled = operator.DeleteNamespaceRequest.encode({ namespace: 'default', namespaceId: NAMESPACE_ID });
  const status = await harness.refusal('DeleteNamespace', doubled, { service: 'OperatorService' });
  assert.equal(status.message, 'Only one of namespace name or Id should be set on request.');
});

// ---- what the server says of itself

test('GetSystemInfo claims only what is there', async () => {
  const { response } = await new FrontendHarness().call('GetSystemInfo', new Uint8Array(0));
  const info = api.GetSystemInfoResponse.decode(response as Uint8Array);
  assert.equal(info.serverVersion, '1.31.2');
  assert.equal(info.capabilities?.eagerWorkflowStart, true);
  assert.equal(info.capabilities?.supportsSchedules, false);
  assert.equal(info.capabilities?.nexus, false);
});

// ---- errors

test('bytes that are no request are answered as grpc-go answers them', async () => {
  const harness = new FrontendHarness();
  const garbage = await harness.refusal('StartWorkflowExecution', new Uint8Array([0x0a, 0xff]));
  assert.equal(garbage.code, GrpcCode.INTERNAL);
  assert.equal(garbage.message, 'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data');
  const badText = await harness.refusal('StartWorkflowExecution', new Uint8Array([0x0a, 1, 0xff]));
  assert.equal(badText.message, 'grpc: error unmarshalling request: string field contains invalid UTF-8');
});

test('what only history can find unreadable is answered in the same way, unmasked and without a detail', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(unreadableRequest(new WireError('unexpected EOF')));
  const message = api.RespondWorkflowTaskCompletedRequest.encode({ taskToken: TASK_TOKEN, namespace: 'default' });
  const status = await harness.refusal('RespondWorkflowTaskCompleted', message);
  assert.equal(status.code, GrpcCode.INTERNAL);
  assert.equal(status.message, 'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data');
  assert.equal(status.details, undefined);
});

test('what the service answers is passed on with its detail', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(notFound('workflow not found for ID: order-1'));
  const status = await harness.refusal('DescribeWorkflowExecution', describe());
  assert.equal(status.code, GrpcCode.NOT_FOUND);
  assert.equal(status.message, 'workflow not found for ID: order-1');
  assert.match(decodeStatus(status.details as Uint8Array).details[0]?.typeUrl ?? '', /NotFoundFailure$/);
});

test('an owner that is not there is asked once more', async () => {
  const harness = new FrontendHarness();
  let failures = 1;
  harness.answer = () => {
    if (failures-- > 0) throw new ServiceError(GrpcCode.UNAVAILABLE, 'history is restarting');
    return new Uint8Array(0);
  };
  const first = harness.call('StartWorkflowExecution', start());
  await harness.clock.advance(200);
  assert.equal((await first).status, undefined);
  const [before, after] = harness.routed;
  assert.deepEqual(before?.request, after?.request, 'with the same request id');
  failures = 2;
  const second = harness.refusal('StartWorkflowExecution', start());
  await harness.clock.advance(200);
  assert.equal((await second).code, GrpcCode.UNAVAILABLE);
  assert.equal(harness.routed.length, 4);
});

test('inner faults are masked unless told otherwise', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => Promise.reject(new Error('disk on fire'));
  const masked = await harness.refusal('DescribeWorkflowExecution', describe());
  assert.equal(masked.code, GrpcCode.UNKNOWN);
  // go-farm: Fingerprint32("disk on fire")
  assert.equal(masked.message, 'something went wrong, please retry (286c1e6f)');
  harness.settings.set('frontend.maskInternalErrorDetails', false);
  const open = await harness.refusal('DescribeWorkflowExecution', describe());
  assert.equal(open.message, 'disk on fire');
});

// ---- limits

async function exhausted(harness: FrontendHarness, method: string, message: Uint8Array, timeoutMs = 60_000) {
  const { status, headers } = await harness.call(method, message, { timeoutMs });
  assert.equal(status?.code, GrpcCode.RESOURCE_EXHAUSTED);
  const [detail] = decodeStatus(status.details as Uint8Array).details;
  return {
    message: status.message,
    ...ResourceExhaustedFailure.decode(detail?.value as Uint8Array),
    headers: Object.fromEntries(headers),
  };
}

test('a namespace has its rate, and gets it back with time', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('frontend.namespaceRPS', 2);
  for (let i = 0; i < 4; i++) {
    assert.equal((await harness.call('DescribeWorkflowExecution', describe())).status, undefined);
  }
  assert.deepEqual(await exhausted(harness, 'DescribeWorkflowExecution', describe()), {
    message: 'namespace rate limit exceeded',
    cause: 1,
    scope: 1,
    headers: { 'x-resource-exhausted-cause': 'RpsLimit', 'x-resource-exhausted-scope': 'Namespace' },
  });
  assert.equal((await harness.call('DescribeWorkflowExecution', describe('other'))).status, undefined);
  await harness.clock.advance(500);
  assert.equal((await harness.call('DescribeWorkflowExecution', describe())).status, undefined);
});

test('lower priorities starve first', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('frontend.namespaceRPS', 2);
  for (let i = 0; i < 4; i++) await harness.call('StartWorkflowExecution', start());
  await exhausted(harness, 'DescribeWorkflowExecution', describe());
  const asOperator = await harness.call('DescribeWorkflowExecution', describe(), {
    headers: { 'caller-type': 'operator' },
  });
  assert.equal(asOperator.status, undefined);
});

test('visibility has a rate of its own', async () => {
  const harness = new FrontendHarness();
  const list = api.ListWorkflowExecutionsRequest.encode({ namespace: 'default' });
  for (let i = 0; i < 10; i++) assert.equal((await harness.call('ListWorkflowExecutions', list)).status, undefined);
  assert.equal((await exhausted(harness, 'ListWorkflowExecutions', list)).scope, 1);
  assert.equal((await harness.call('DescribeWorkflowExecution', describe())).status, undefined);
});

test('the host has its rate', async () => {
  const harness = new FrontendHarness({ hostCount: () => 2 });
  harness.settings.set('frontend.globalRPS', 2);
  await harness.call('DescribeWorkflowExecution', describe());
  await harness.call('DescribeWorkflowExecution', describe('other'));
  const refusal = await exhausted(harness, 'DescribeWorkflowExecution', describe());
  assert.equal(refusal.message, 'service rate limit exceeded');
  assert.equal(refusal.scope, 2);
});

test('calls that wait are counted until they end', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('frontend.namespaceCount', 1);
  harness.answer = () => new Promise(() => {});
  const poll = api.PollActivityTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'q' } });
  const first = harness.begin('PollActivityTaskQueue', poll, { timeoutMs: 60_000 });
  assert.deepEqual(await exhausted(harness, 'PollActivityTaskQueue', poll), {
    message: 'namespace concurrent poller limit exceeded',
    cause: 2,
    scope: 1,
    headers: { 'x-resource-exhausted-cause': 'ConcurrentLimit', 'x-resource-exhausted-scope': 'Namespace' },
  });
  first.cancel();
  harness.answer = () => new Uint8Array(0);
  assert.equal((await harness.call('PollActivityTaskQueue', poll, { timeoutMs: 60_000 })).status, undefined);
  const read = api.GetWorkflowExecutionHistoryRequest.encode({ namespace: 'default', execution: { workflowId: 'w' } });
  harness.settings.set('frontend.namespaceCount', 0);
  assert.equal((await harness.call('GetWorkflowExecutionHistory', read)).status, undefined, 'a read does not wait');
});

// ---- clients

test('clients of other ages are refused', async () => {
  const harness = new FrontendHarness();
  const call = (headers: Record<string, string>) => harness.refusal('GetSystemInfo', new Uint8Array(0), { headers });
  const tooNew = await call({ 'client-name': 'temporal-go', 'client-version': '2.0.0' });
  assert.equal(tooNew.code, GrpcCode.FAILED_PRECONDITION);
  assert.equal(tooNew.message, 'Client version 2.0.0 is not supported. Server supports temporal-go versions: <2.0.0');
  const [detail] = decodeStatus(tooNew.details as Uint8Array).details;
  assert.equal(ClientVersionNotSupportedFailure.decode(detail?.value as Uint8Array).supportedVersions, '<2.0.0');

  const wantsOther = await call({
    'client-name': 'temporal-go',
    'client-version': '1.0.0',
    'supported-server-versions': '>=2.0.0',
  });
  assert.equal(wantsOther.message, 'Server version 1.31.2 is not supported. Client supports server versions: >=2.0.0');
  const [other] = decodeStatus(wantsOther.details as Uint8Array).details;
  assert.equal(ServerVersionNotSupportedFailure.decode(other?.value as Uint8Array).serverVersion, '1.31.2');

  const garbled = await call({ 'client-name': 'temporal-go', 'client-version': 'abc' });
  assert.equal(garbled.message, 'Unable to parse client version: No Major.Minor.Patch elements found');
  const unknown = await harness.call('GetSystemInfo', new Uint8Array(0), {
    headers: { 'client-name': 'my-client', 'client-version': '99', 'supported-server-versions': '>=1.0.0 <2.0.0' },
  });
  assert.equal(unknown.status, undefined);
});

test('an authorizer is asked before anything else happens', async () => {
  const asked: string[] = [];
  const harness = new FrontendHarness({
    authorization: {
      claimMapper: {
        authInfoRequired: true,
        claims: ({ authToken }) => {
          if (authToken === 'broken') throw new Error('bad signature');
          return { subject: authToken, system: 0, namespaces: {} };
        },
      },
      authorizer: {
        authorize: async (claims, target) => {
          asked.push(`${claims?.subject} ${target.namespace} ${target.path.split('/')[2]}`);
          return claims?.subject === 'alice' ? { allowed: true } : { allowed: false, reason: 'not you' };
        },
      },
    },
  });
  const as = (authorization: string) => ({ headers: { authorization } });
  assert.equal((await harness.call('StartWorkflowExecution', start(), as('alice'))).status, undefined);
  for (const token of ['mallory', 'broken']) {
    const status = await harness.refusal('StartWorkflowExecution', start(), as(token));
    assert.equal(status.code, GrpcCode.PERMISSION_DENIED);
    assert.equal(status.message, 'Request unauthorized.');
  }
  assert.equal((await harness.refusal('StartWorkflowExecution', start())).code, GrpcCode.PERMISSION_DENIED);
  assert.deepEqual(asked, [
    'alice default StartWorkflowExecution',
    'mallory default StartWorkflowExecution',
    'undefined default StartWorkflowExecution',
  ]);
  assert.equal(harness.routed.length, 1);
});
