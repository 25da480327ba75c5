// What the frontend refuses, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import { TaskToken } from '#proto/ostinato/token/v1';
import { Link } from '#proto/temporal/api/common/v1';
import {
  DescribeTaskQueueMode,
  EventType,
  TaskQueueKind,
  UpdateWorkflowExecutionLifecycleStage,
  WorkerVersioningMode,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { NAMESPACE_ID, OTHER_NAMESPACE_ID } from './testing/frontend-harness.ts';
import { type Row, refuses } from './testing/refuses.ts';

const { FAILED_PRECONDITION, NOT_FOUND, PERMISSION_DENIED, INTERNAL, UNIMPLEMENTED } = GrpcCode;

const LONG = 'x'.repeat(1001);
/** 334 characters of three bytes each: longer than the limit in bytes only. */
const LONG_IN_BYTES = '日'.repeat(334);
const RUN_ID = '7a0b1c2d-3e4f-4a5b-8c6d-7e8f90a1b2c3';
const EXECUTION = { workflowId: 'order-1', runId: RUN_ID };
const SMALL_LIMIT = { 'limit.blobSize.error': 10, 'limit.blobSize.warn': 5 };
const PAYLOADS = new Uint8Array([0x0a, 0x0a, 0x12, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]);

const namespaceRows = (codec: { readonly typeName: string }): Row[] => [
  { fault: 'no namespace', change: { namespace: '' }, message: 'Namespace is empty.' },
  {
    fault: 'an unknown namespace',
    change: { namespace: `no-${codec.typeName.length}` },
    message: `Namespace no-${codec.typeName.length} is not found.`,
    code: NOT_FOUND,
  },
  { fault: 'a namespace that is too long', change: { namespace: LONG }, message: 'Namespace length exceeds limit.' },
];

const executionRows = (field: string): Row[] => [
  { fault: 'no execution', change: { [field]: undefined }, message: 'Execution is not set on request.' },
  { fault: 'no workflow id', change: { [field]: { runId: RUN_ID } }, message: 'WorkflowId is not set on request.' },
  {
    fault: 'a run id that is no UUID',
    change: { [field]: { workflowId: 'w', runId: 'run' } },
    message: 'Invalid RunId.',
  },
];

const workflowEventLink = (fields: object) =>
  Link.encode({ workflowEvent: { namespace: 'default', workflowId: 'w', runId: RUN_ID, ...fields } });

const linkRows: readonly Row[] = [
  {
    fault: 'too many links',
    change: { links: Array.from({ length: 11 }, () => workflowEventLink({})) },
    message: 'cannot attach more than 10 links per request, got 11',
  },
  {
    fault: 'a large link',
    change: { links: [workflowEventLink({ workflowId: 'w'.repeat(4000) })] },
    message: `link exceeds allowed size of 4000, got ${workflowEventLink({ workflowId: 'w'.repeat(4000) }).length}`,
  },
  {
    fault: 'a link without namespace',
    change: { links: [workflowEventLink({ namespace: '' })] },
    message: 'workflow event link must not have an empty namespace field',
  },
  {
    fault: 'a link without workflow id',
    change: { links: [workflowEventLink({ workflowId: '' })] },
    message: 'workflow event link must not have an empty workflow ID field',
  },
  {
    fault: 'a link without run id',
    change: { links: [workflowEventLink({ runId: '' })] },
    message: 'workflow event link must not have an empty run ID field',
  },
  {
    fault: 'a link to an event of no type',
    change: { links: [workflowEventLink({ eventRef: { eventId: 3, eventType: EventType.UNSPECIFIED } })] },
    message: 'workflow event link ref cannot have an unspecified event type and a non-zero event ID',
  },
  {
    fault: 'a batch job link without id',
    change: { links: [Link.encode({ batchJob: {} })] },
    message: 'batch job link must not have an empty job ID',
  },
  { fault: 'an empty link', change: { links: [Link.encode({})] }, message: 'unsupported link variant' },
];

const retryRows: readonly Row[] = [
  {
    fault: 'a negative initial interval',
    change: { retryPolicy: { initialInterval: -1 } },
    message: 'invalid InitialInterval set on retry policy: negative duration',
  },
  {
    fault: 'a small backoff coefficient',
    change: { retryPolicy: { backoffCoefficient: 0.5 } },
    message: 'BackoffCoefficient cannot be less than 1 on retry policy.',
  },
  {
    fault: 'a negative maximum interval',
    change: { retryPolicy: { maximumInterval: -5 } },
    message: 'invalid MaximumInterval set on retry policy: negative duration',
  },
  {
    fault: 'a maximum below the initial interval',
    change: { retryPolicy: { initialInterval: 10_000, maximumInterval: 5000 } },
    message: 'MaximumInterval cannot be less than InitialInterval on retry policy.',
  },
  {
    fault: 'negative attempts',
    change: { retryPolicy: { maximumAttempts: -1 } },
    message: 'MaximumAttempts cannot be negative on retry policy.',
  },
  {
    fault: 'an unknown timeout type',
    change: { retryPolicy: { nonRetryableErrorTypes: ['TemporalTimeout:Lunch'] } },
    message: 'Invalid timeout type value: Lunch.',
  },
];

const timeoutRows: readonly Row[] = [
  ['workflowExecutionTimeout', 'WorkflowExecutionTimeoutSeconds'],
  ['workflowRunTimeout', 'WorkflowRunTimeoutSeconds'],
  ['workflowTaskTimeout', 'WorkflowTaskTimeoutSeconds'],
  ['workflowStartDelay', 'WorkflowStartDelaySeconds'],
].map(([field, name]) => ({
  fault: `a negative ${field}`,
  change: { [field as string]: -1000 },
  message: `An invalid ${name} is set on request. cause: negative duration`,
}));

const startRows: readonly Row[] = [
  { fault: 'no workflow id', change: { workflowId: '' }, message: 'WorkflowId is not set on request.' },
  { fault: 'a long workflow id', change: { workflowId: LONG }, message: 'WorkflowId length exceeds limit.' },
  {
    fault: 'a workflow id long in bytes',
    change: { workflowId: LONG_IN_BYTES },
    message: 'WorkflowId length exceeds limit.',
  },
  { fault: 'no workflow type', change: { workflowType: undefined }, message: 'WorkflowType is not set on request.' },
  { fault: 'an empty workflow type', change: { workflowType: {} }, message: 'WorkflowType is not set on request.' },
  {
    fault: 'a long workflow type',
    change: { workflowType: { name: LONG } },
    message: 'WorkflowType length exceeds limit.',
  },
  { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  { fault: 'an empty task queue', change: { taskQueue: {} }, message: 'missing task queue name' },
  { fault: 'a long task queue', change: { taskQueue: { name: LONG } }, message: 'taskQueue length exceeds limit' },
  {
    fault: 'a partition as task queue',
    change: { taskQueue: { name: '/_sys/q/1' } },
    message: 'task queue name cannot start with reserved prefix /_sys/',
  },
  {
    fault: "the server's own task queue",
    change: { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
    message: 'cannot use internal per-namespace task queue:temporal-sys-per-ns-tq',
  },
  { fault: 'a long request id', change: { requestId: LONG }, message: 'RequestId length exceeds limit.' },
  {
    fault: 'cron and start delay',
    change: { cronSchedule: '* * * * *', workflowStartDelay: 1000 },
    message: 'CronSchedule and WorkflowStartDelay may not be used together.',
  },
  { fault: 'a bad cron schedule', change: { cronSchedule: 'every day' }, message: 'invalid CronSchedule.' },
  {
    fault: 'a cron schedule that never comes',
    change: { cronSchedule: '0 0 31 2 *' },
    message: 'invalid CronSchedule, no time can be found to satisfy the schedule',
  },
  {
    fault: 'terminate-if-running with a conflict policy',
    change: {
      workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    },
    message:
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy',
  },
  {
    fault: 'reject-duplicate with terminate-existing',
    change: {
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING,
    },
    message:
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING',
  },
  {
    fault: 'a negative priority key',
    change: { priority: { priorityKey: -1 } },
    message: "priority key can't be negative",
  },
  {
    fault: 'a long fairness key',
    change: { priority: { fairnessKey: 'k'.repeat(65) } },
    message: 'fairness key length exceeds limit',
  },
  {
    fault: 'a negative fairness weight',
    change: { priority: { fairnessWeight: -1 } },
    message: 'must be greater than zero',
  },
  {
    fault: 'a large input',
    change: { input: PAYLOADS },
    settings: SMALL_LIMIT,
    message: 'Blob data size exceeds limit.',
  },
  {
    fault: 'a large memo',
    change: { memo: PAYLOADS },
    settings: { 'limit.memoSize.error': 11 },
    message: 'Memo size exceeds limit.',
  },
  ...retryRows,
  ...timeoutRows,
  ...linkRows,
];

const START = {
  namespace: 'default',
  workflowId: 'order-1',
  workflowType: { name: 'Order' },
  taskQueue: { name: 'orders' },
  requestId: 'request-1',
};

const callback = (url: string, header: ReadonlyMap<string, string> = new Map()) => ({ nexus: { url, header } });

refuses('StartWorkflowExecution', api.StartWorkflowExecutionRequest, START, [
  ...namespaceRows(api.StartWorkflowExecutionRequest),
  ...startRows,
  {
    fault: 'callbacks attached without request id',
    change: { onConflictOptions: { attachCompletionCallbacks: true } },
    message: 'attaching request ID is required for attaching completion callbacks',
  },
  {
    fault: 'too many callbacks',
    change: { completionCallbacks: Array.from({ length: 33 }, () => callback('temporal://system')) },
    message: 'cannot attach more than 32 callbacks to a workflow',
  },
  {
    fault: 'a callback of no kind',
    change: { completionCallbacks: [{}] },
    message: 'unknown callback variant: <nil>',
    code: UNIMPLEMENTED,
  },
  {
    fault: 'a long callback address',
    change: { completionCallbacks: [callback(`http://${LONG}`)] },
    message: 'invalid url: url length longer than max length allowed of 1000',
  },
  {
    fault: 'a callback to another scheme',
    change: { completionCallbacks: [callback('ftp://host/x')] },
    message: 'invalid url: unknown scheme: ftp://host/x',
  },
  {
    fault: 'a callback without host',
    change: { completionCallbacks: [callback('http:///x')] },
    message: 'invalid url: missing host',
  },
  {
    fault: 'a callback to an address that is not allowed',
    change: { completionCallbacks: [callback('http://host:80/x')] },
    message: 'invalid url: url does not match any configured callback address: http://host:80/x',
  },
  {
    fault: 'large callback headers',
    change: { completionCallbacks: [callback('temporal://system', new Map([['k', 'v'.repeat(8192)]]))] },
    message: 'invalid header: header size longer than max allowed size of 8192',
  },
]);

refuses(
  'SignalWithStartWorkflowExecution',
  api.SignalWithStartWorkflowExecutionRequest,
  { ...START, signalName: 'go' },
  [
    ...namespaceRows(api.SignalWithStartWorkflowExecutionRequest),
    ...startRows,
    { fault: 'no signal name', change: { signalName: '' }, message: 'SignalName is not set on request.' },
    { fault: 'a long signal name', change: { signalName: LONG }, message: 'SignalName length exceeds limit.' },
    {
      fault: 'a large signal',
      change: { signalInput: PAYLOADS },
      settings: SMALL_LIMIT,
      message: 'Blob data size exceeds limit.',
    },
    {
      fault: 'conflict policy fail',
      change: { workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL },
      message:
        'Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.',
    },
  ],
);

refuses(
  'SignalWorkflowExecution',
  api.SignalWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION, signalName: 'go' },
  [
    ...namespaceRows(api.SignalWorkflowExecutionRequest),
    ...executionRows('workflowExecution'),
    ...linkRows,
    { fault: 'no signal name', change: { signalName: '' }, message: 'SignalName is not set on request.' },
    { fault: 'a long signal name', change: { signalName: LONG }, message: 'SignalName length exceeds limit.' },
    { fault: 'a long request id', change: { requestId: LONG }, message: 'RequestId length exceeds limit.' },
    {
      fault: 'a large input',
      change: { input: PAYLOADS },
      settings: SMALL_LIMIT,
      message: 'Blob data size exceeds limit.',
    },
  ],
);

refuses(
  'RequestCancelWorkflowExecution',
  api.RequestCancelWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION },
  [...namespaceRows(api.RequestCancelWorkflowExecutionRequest), ...executionRows('workflowExecution'), ...linkRows],
);
refuses(
  'TerminateWorkflowExecution',
  api.TerminateWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION },
  [...namespaceRows(api.TerminateWorkflowExecutionRequest), ...executionRows('workflowExecution'), ...linkRows],
);
refuses(
  'DeleteWorkflowExecution',
  api.DeleteWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION },
  [...namespaceRows(api.DeleteWorkflowExecutionRequest), ...executionRows('workflowExecution')],
);
refuses(
  'ResetWorkflowExecution',
  api.ResetWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION, requestId: 'r' },
  [
    ...namespaceRows(api.ResetWorkflowExecutionRequest),
    ...executionRows('workflowExecution'),
    { fault: 'no request id', change: { requestId: '' }, message: 'RequestId is not set on request.' },
    { fault: 'a long request id', change: { requestId: LONG }, message: 'RequestId length exceeds limit.' },
    {
      fault: 'an unknown reapply type',
      change: { resetReapplyType: 99 },
      settings: { 'frontend.maskInternalErrorDetails': false },
      message: 'unknown reset reapply type: 99',
      code: INTERNAL,
    },
  ],
);
refuses(
  'DescribeWorkflowExecution',
  api.DescribeWorkflowExecutionRequest,
  { namespace: 'default', execution: EXECUTION },
  [...namespaceRows(api.DescribeWorkflowExecutionRequest), ...executionRows('execution')],
);
refuses(
  'GetWorkflowExecutionHistory',
  api.GetWorkflowExecutionHistoryRequest,
  { namespace: 'default', execution: EXECUTION },
  [...namespaceRows(api.GetWorkflowExecutionHistoryRequest), ...executionRows('execution')],
);
refuses(
  'GetWorkflowExecutionHistoryReverse',
  api.GetWorkflowExecutionHistoryReverseRequest,
  { namespace: 'default', execution: EXECUTION },
  [...namespaceRows(api.GetWorkflowExecutionHistoryReverseRequest), ...executionRows('execution')],
);
refuses('ResetStickyTaskQueue', api.ResetStickyTaskQueueRequest, { namespace: 'default', execution: EXECUTION }, [
  ...namespaceRows(api.ResetStickyTaskQueueRequest),
  ...executionRows('execution'),
]);
refuses(
  'QueryWorkflow',
  api.QueryWorkflowRequest,
  { namespace: 'default', execution: EXECUTION, query: { queryType: 'state' } },
  [
    ...namespaceRows(api.QueryWorkflowRequest),
    ...executionRows('execution'),
    { fault: 'no query', change: { query: undefined }, message: 'WorkflowQuery is not set on request.' },
    { fault: 'no query type', change: { query: {} }, message: 'QueryType is not set on request.' },
    {
      fault: 'large arguments',
      change: { query: { queryType: 'state', queryArgs: PAYLOADS } },
      settings: SMALL_LIMIT,
      message: 'Blob data size exceeds limit.',
    },
    {
      fault: 'queries switched off',
      change: {},
      settings: { 'system.disallowQuery': true },
      message: 'Namespace is not allowed to query, please contact temporal team to re-enable queries.',
    },
  ],
);

const UPDATE_REQUEST = { meta: { updateId: 'u' }, input: { name: 'add' } };
refuses(
  'UpdateWorkflowExecution',
  api.UpdateWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION, request: UPDATE_REQUEST },
  [
    ...namespaceRows(api.UpdateWorkflowExecutionRequest),
    ...executionRows('workflowExecution'),
    { fault: 'no request', change: { request: undefined }, message: 'Update meta is not set on request.' },
    {
      fault: 'a long update id',
      change: { request: { ...UPDATE_REQUEST, meta: { updateId: LONG } } },
      message: 'UpdateId length exceeds limit.',
    },
    {
      fault: 'no input',
      change: { request: { meta: { updateId: 'u' } } },
      message: 'Update input is not set on request.',
    },
    {
      fault: 'no name',
      change: { request: { meta: { updateId: 'u' }, input: {} } },
      message: 'Update name is not set on request.',
    },
    {
      fault: 'waiting for admitted',
      change: { waitPolicy: { lifecycleStage: UpdateWorkflowExecutionLifecycleStage.ADMITTED } },
      message: 'UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.',
      code: PERMISSION_DENIED,
    },
    {
      fault: 'waiting for accepted, switched off',
      change: { waitPolicy: { lifecycleStage: UpdateWorkflowExecutionLifecycleStage.ACCEPTED } },
      settings: { 'frontend.enableUpdateWorkflowExecutionAsyncAccepted': false },
      message:
        'UpdateWorkflowExecution issued asynchronously and waiting on update accepted is disabled on this namespace.',
      code: PERMISSION_DENIED,
    },
    {
      fault: 'updates switched off',
      change: {},
      settings: { 'frontend.enableUpdateWorkflowExecution': false },
      message: 'UpdateWorkflowExecution operation is disabled on this namespace.',
      code: PERMISSION_DENIED,
    },
  ],
);
refuses(
  'PollWorkflowExecutionUpdate',
  api.PollWorkflowExecutionUpdateRequest,
  { namespace: 'default', updateRef: { workflowExecution: EXECUTION, updateId: 'u' } },
  [
    ...namespaceRows(api.PollWorkflowExecutionUpdateRequest),
    { fault: 'no reference', change: { updateRef: undefined }, message: 'UpdateRef is not set on request.' },
  ],
);

const pollRows: readonly Row[] = [
  { fault: 'no deadline', change: {}, call: {}, message: 'Context timeout is not set.' },
  {
    fault: 'a deadline too near',
    change: {},
    call: { timeoutMs: 1999 },
    message: 'Context timeout is too short.',
    code: FAILED_PRECONDITION,
  },
  { fault: 'a long identity', change: { identity: LONG }, message: 'Identity length exceeds limit.' },
  { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  { fault: 'an empty task queue', change: { taskQueue: {} }, message: 'missing task queue name' },
  {
    fault: 'a partition as task queue',
    change: { taskQueue: { name: '/_sys/q/1' } },
    message: 'task queue name cannot start with reserved prefix /_sys/',
  },
  {
    fault: 'a normal name on a normal queue',
    change: { taskQueue: { name: 'q', kind: TaskQueueKind.NORMAL, normalName: 'n' } },
    message: 'only sticky queues can have normal name. tq: q, normal name: n',
  },
  {
    fault: 'versioning without build id',
    change: { workerVersionCapabilities: { useVersioning: true } },
    message: 'WorkerVersionStamp must be present if UseVersioning is true.',
  },
  {
    fault: 'a long build id',
    change: { workerVersionCapabilities: { buildId: 'b'.repeat(256) } },
    message: 'Build ID exceeds configured limit.workerBuildIdSize, use a shorter build ID.',
  },
  {
    fault: 'deployment options on a sticky queue without normal name',
    change: { taskQueue: { name: 'q', kind: TaskQueueKind.STICKY }, deploymentOptions: {} },
    message: 'NormalName must be set on sticky queue when UseVersioning is true or DeploymentOptions are set.',
  },
  {
    fault: 'a versioned worker without deployment',
    change: { deploymentOptions: { workerVersioningMode: WorkerVersioningMode.VERSIONED, buildId: 'b' } },
    message: 'Both deployment name and build id must be set when versioning is enabled.',
  },
  {
    fault: 'a deployment name with a delimiter',
    change: {
      deploymentOptions: { workerVersioningMode: WorkerVersioningMode.VERSIONED, deploymentName: 'a.b', buildId: 'b' },
    },
    message: "worker deployment name cannot contain '.'",
  },
  {
    fault: 'a reserved build id',
    change: {
      deploymentOptions: { workerVersioningMode: WorkerVersioningMode.VERSIONED, deploymentName: 'a', buildId: '__b' },
    },
    message: "BuildID cannot start with '__'",
  },
];
const POLL = { namespace: 'default', taskQueue: { name: 'orders' }, identity: 'worker-1' };
refuses('PollWorkflowTaskQueue', api.PollWorkflowTaskQueueRequest, POLL, [
  ...namespaceRows(api.PollWorkflowTaskQueueRequest),
  ...pollRows,
]);
refuses('PollActivityTaskQueue', api.PollActivityTaskQueueRequest, POLL, [
  ...namespaceRows(api.PollActivityTaskQueueRequest),
  ...pollRows,
]);

const token = (namespaceId: string) => TaskToken.encode({ namespaceId, workflowId: 'order-1', runId: RUN_ID });
const tokenRows: readonly Row[] = [
  {
    fault: 'an unknown namespace beside a good token',
    change: { namespace: 'nowhere' },
    message: 'Namespace nowhere is not found.',
    code: NOT_FOUND,
  },
  { fault: 'no token', change: { taskToken: new Uint8Array(0) }, message: 'Task token not set on request.' },
  {
    fault: 'no token and no namespace',
    change: { taskToken: new Uint8Array(0), namespace: '' },
    message: 'Task token not set on request.',
  },
  {
    fault: 'a garbage token',
    change: { taskToken: new Uint8Array([1, 2, 3]) },
    message: 'Error deserializing task token.',
  },
  { fault: 'a token without namespace', change: { taskToken: token('') }, message: 'Namespace not set on request.' },
  {
    fault: 'a token of an unknown namespace',
    change: { taskToken: token('nowhere') },
    message: 'Namespace nowhere is not found.',
    code: NOT_FOUND,
  },
  {
    fault: 'a token of another namespace',
    change: { taskToken: token(OTHER_NAMESPACE_ID) },
    message: 'Operation requested with a token from a different namespace.',
  },
];
const identityRow: Row = {
  fault: 'a long identity',
  change: { identity: LONG },
  message: 'Identity length exceeds limit.',
};
const TASK = { namespace: 'default', taskToken: token(NAMESPACE_ID) };
refuses('RespondWorkflowTaskCompleted', api.RespondWorkflowTaskCompletedRequest, TASK, [
  ...tokenRows,
  identityRow,
  {
    fault: 'versioning without build id',
    change: { workerVersionStamp: { useVersioning: true } },
    message: 'WorkerVersionStamp must be present if UseVersioning is true.',
  },
]);
refuses('RespondWorkflowTaskFailed', api.RespondWorkflowTaskFailedRequest, TASK, [...tokenRows, identityRow]);
refuses('RespondActivityTaskCompleted', api.RespondActivityTaskCompletedRequest, TASK, [...tokenRows, identityRow]);
refuses('RespondActivityTaskCanceled', api.RespondActivityTaskCanceledRequest, TASK, [...tokenRows, identityRow]);
refuses('RecordActivityTaskHeartbeat', api.RecordActivityTaskHeartbeatRequest, TASK, tokenRows);
refuses('RespondActivityTaskFailed', api.RespondActivityTaskFailedRequest, TASK, [
  ...tokenRows,
  identityRow,
  {
    fault: "a failure that is no application's",
    change: { failure: Failure.encode({ message: 'm', serverFailureInfo: {} }) },
    message: 'Failure must have ApplicationFailureInfo.',
  },
]);

const BY_ID = { namespace: 'default', workflowId: 'order-1', activityId: 'a' };
const byIdRows: readonly Row[] = [
  { fault: 'no activity id', change: { activityId: '' }, message: 'ActivityId is not set on request.' },
  {
    fault: 'no workflow id',
    change: { workflowId: '' },
    message: 'WorkflowId is not set on request.',
    settings: { 'activity.enableStandalone': false },
  },
];
for (const [method, codec] of [
  ['RespondActivityTaskCompletedById', api.RespondActivityTaskCompletedByIdRequest],
  ['RespondActivityTaskFailedById', api.RespondActivityTaskFailedByIdRequest],
  ['RespondActivityTaskCanceledById', api.RespondActivityTaskCanceledByIdRequest],
] as const) {
  refuses<object>(method, codec, BY_ID, [...namespaceRows(codec), ...byIdRows, identityRow]);
}
refuses('RecordActivityTaskHeartbeatById', api.RecordActivityTaskHeartbeatByIdRequest, BY_ID, [
  ...namespaceRows(api.RecordActivityTaskHeartbeatByIdRequest),
  ...byIdRows,
]);

const activityRows: readonly Row[] = [
  { fault: 'no execution', change: { execution: undefined }, message: 'WorkflowId is not set on request.' },
  {
    fault: 'no activity',
    change: { id: undefined },
    message: 'Either Activity.Id or Activity.Type should be set on request.',
  },
];
for (const [method, codec] of [
  ['PauseActivity', api.PauseActivityRequest],
  ['UnpauseActivity', api.UnpauseActivityRequest],
  ['ResetActivity', api.ResetActivityRequest],
  ['UpdateActivityOptions', api.UpdateActivityOptionsRequest],
] as const) {
  refuses<object>(method, codec, { namespace: 'default', execution: EXECUTION, id: 'a' }, [
    ...namespaceRows(codec),
    ...activityRows,
  ]);
}

refuses(
  'UpdateWorkflowExecutionOptions',
  api.UpdateWorkflowExecutionOptionsRequest,
  {
    namespace: 'default',
    workflowExecution: EXECUTION,
    workflowExecutionOptions: {},
    updateMask: { paths: ['versioning_override'] },
  },
  [
    ...namespaceRows(api.UpdateWorkflowExecutionOptionsRequest),
    { fault: 'no execution', change: { workflowExecution: undefined }, message: 'WorkflowId is not set on request.' },
    { fault: 'no mask', change: { updateMask: undefined }, message: 'UpdateMask is required' },
    {
      fault: 'no options',
      change: { workflowExecutionOptions: undefined },
      message: 'WorkflowExecutionOptions is required',
    },
    {
      fault: 'an unknown path',
      change: { updateMask: { paths: ['priority', 'color'] } },
      message:
        'error parsing UpdateMask: proto: invalid path "color" for message "temporal.api.workflow.v1.WorkflowExecutionOptions"',
    },
  ],
);

refuses('DescribeTaskQueue', api.DescribeTaskQueueRequest, { namespace: 'default', taskQueue: { name: 'q' } }, [
  ...namespaceRows(api.DescribeTaskQueueRequest),
  { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  {
    fault: 'a malformed partition',
    change: { taskQueue: { name: '/_sys/q/x' } },
    message: 'invalid task queue partition name /_sys/q/x',
  },
  {
    fault: 'a sticky queue, enhanced',
    change: { apiMode: DescribeTaskQueueMode.ENHANCED, taskQueue: { name: 'q', kind: TaskQueueKind.STICKY } },
    message: 'Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.',
  },
  {
    fault: 'too many build ids',
    change: { reportTaskReachability: true, versions: { buildIds: ['1', '2', '3', '4', '5', '6'] } },
    message: 'Too many build ids queried at once with ReportTaskReachability==true, limit: 5',
  },
]);
refuses(
  'ListTaskQueuePartitions',
  api.ListTaskQueuePartitionsRequest,
  { namespace: 'default', taskQueue: { name: 'q' } },
  [
    ...namespaceRows(api.ListTaskQueuePartitionsRequest),
    { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  ],
);
refuses(
  'UpdateTaskQueueConfig',
  api.UpdateTaskQueueConfigRequest,
  { namespace: 'default', taskQueue: 'q', taskQueueType: 2 },
  [
    {
      fault: 'a rate limit on workflows',
      change: { taskQueueType: 1, updateQueueRateLimit: { rateLimit: { requestsPerSecond: 1 } } },
      message: 'Setting rate limit on workflow task queues is not allowed.',
    },
    {
      fault: 'a negative rate',
      change: { updateQueueRateLimit: { rateLimit: { requestsPerSecond: -1 } } },
      message: 'RequestsPerSecond for UpdateQueueRateLimit rate limit must be non-negative.',
    },
    {
      fault: 'a long reason',
      change: { updateQueueRateLimit: { rateLimit: { requestsPerSecond: 1 }, reason: LONG } },
      message: 'UpdateQueueRateLimit.Reason field too long (max 1000 characters).',
    },
    {
      fault: 'a long identity',
      change: { identity: LONG },
      message: 'Identity field too long (max 1000 characters).',
    },
    {
      fault: 'an empty fairness key',
      change: { setFairnessWeightOverrides: new Map([['', 1]]) },
      message: 'fairness weight override key must not be empty',
    },
    {
      fault: 'a fairness weight of zero',
      change: { setFairnessWeightOverrides: new Map([['k', 0]]) },
      message: 'invalid fairness weight weight for key "k": must be greater than zero',
    },
    {
      fault: 'a key set and unset',
      change: { setFairnessWeightOverrides: new Map([['k', 1]]), unsetFairnessWeightOverrides: ['k'] },
      message: 'fairness weight override key "k" present in both set and unset lists',
    },
  ],
);

for (const [method, codec] of [
  ['UpdateNamespace', api.UpdateNamespaceRequest],
  ['DeprecateNamespace', api.DeprecateNamespaceRequest],
] as const) {
  refuses<object>(method, codec, { namespace: 'default' }, [
    { fault: 'no namespace', change: { namespace: '' }, message: 'Namespace not set on request.' },
  ]);
}

refuses('ListWorkflowExecutions', api.ListWorkflowExecutionsRequest, { namespace: 'default' }, [
  ...namespaceRows(api.ListWorkflowExecutionsRequest),
]);
refuses('ListOpenWorkflowExecutions', api.ListOpenWorkflowExecutionsRequest, { namespace: 'default' }, [
  ...namespaceRows(api.ListOpenWorkflowExecutionsRequest),
  {
    fault: 'times the wrong way round',
    change: { startTimeFilter: { earliestTime: 2000, latestTime: 1000 } },
    message: 'EarliestTime in StartTimeFilter should not be larger than LatestTime.',
  },
  {
    fault: 'filters switched off',
    change: { typeFilter: { name: 'Order' } },
    settings: { 'frontend.disableListVisibilityByFilter': true },
    message: 'List is disabled on this namespace.',
    code: PERMISSION_DENIED,
  },
]);
refuses('ListClosedWorkflowExecutions', api.ListClosedWorkflowExecutionsRequest, { namespace: 'default' }, [
  {
    fault: 'a status filter for running',
    change: { statusFilter: { status: 1 } },
    message: 'StatusFilter must be specified and must be not Running.',
  },
]);
refuses('ListArchivedWorkflowExecutions', api.ListArchivedWorkflowExecutionsRequest, { namespace: 'default' }, [
  { fault: 'a large page', change: { pageSize: 10_001 }, message: 'PageSize is larger than allowed 10000.' },
]);
