// RespondWorkflowTaskCompleted. The hottest request and the largest: only what the checks need is read, the commands are left to
// history. Main loop.

import { WorkerVersionStamp } from '#proto/temporal/api/common/v1';
import { WorkerDeploymentOptions } from '#proto/temporal/api/deployment/v1';
import { StickyExecutionAttributes } from '#proto/temporal/api/taskqueue/v1';
import { Reader } from '../../proto/wire.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { checkVersioning } from '../checks/versioning.ts';
import { workflowRpc } from '../rpc.ts';
import { withoutBuggyEagerRequests } from './eager-activities.ts';

interface PeekedRequest {
  taskToken: Uint8Array;
  identity: string;
  namespace: string;
  stickyAttributes: StickyExecutionAttributes | undefined;
  workerVersionStamp: WorkerVersionStamp | undefined;
  deploymentOptions: WorkerDeploymentOptions | undefined;
}

const NO_BYTES = new Uint8Array(0);
// Tags of temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest: field number * 8 + 2.
const TASK_TOKEN = 10;
const IDENTITY = 26;
const STICKY_ATTRIBUTES = 34;
const NAMESPACE = 74;
const WORKER_VERSION_STAMP = 82;
const DEPLOYMENT_OPTIONS = 138;

function peek(message: Uint8Array): PeekedRequest {
  const request: PeekedRequest = {
    taskToken: NO_BYTES,
    identity: '',
    namespace: '',
    stickyAttributes: undefined,
    workerVersionStamp: undefined,
    deploymentOptions: undefined,
  };
  const reader = new Reader(message);
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    switch (tag) {
      case TASK_TOKEN:
        request.taskToken = reader.bytes();
        break;
      case IDENTITY:
        request.identity = reader.string();
        break;
      case STICKY_ATTRIBUTES:
        request.stickyAttributes = StickyExecutionAttributes.decode(reader.bytes());
        break;
      case NAMESPACE:
        request.namespace = reader.string();
        break;
      case WORKER_VERSION_STAMP:
        request.workerVersionStamp = WorkerVersionStamp.decode(reader.bytes());
        break;
      case DEPLOYMENT_OPTIONS:
        request.deploymentOptions = WorkerDeploymentOptions.decode(reader.bytes());
        break;
      default:
        reader.skip(tag);
    }
  }
  return request;
}

export const respondWorkflowTaskCompleted = workflowRpc({
  method: 'RespondWorkflowTaskCompleted',
  token: 'task',
  read: peek,
  handle: (request, call) => {
    checkIdentity(call, request.identity);
    checkVersioning(
      call,
      request.workerVersionStamp,
      request.deploymentOptions,
      request.stickyAttributes?.workerTaskQueue,
    );
    const workflowId = call.taskToken?.workflowId ?? '';
    return call.toHistory('RespondWorkflowTaskCompleted', workflowId, withoutBuggyEagerRequests(call));
  },
});
