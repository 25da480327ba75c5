// What the frontend refuses of workers, their polls and their answers, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import { TaskToken } from '#proto/ostinato/token/v1';
import { TaskQueueKind, WorkerVersioningMode } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { LONG, namespaceRows, RUN_ID } from './testing/check-rows.ts';
import { NAMESPACE_ID, OTHER_NAMESPACE_ID } from './testing/frontend-harness.ts';
import { type Row, refuses } from './testing/refuses.ts';

const { FAILED_PRECONDITION, NOT_FOUND } = GrpcCode;

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
