// PollWorkflowTaskQueue: waits in matching for a workflow task. Main loop.

import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { PollWorkflowTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { withFields } from '../changed-request.ts';
import { checkTaskQueue, partitionOf } from '../checks/task-queue.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { checkVersioning } from '../checks/versioning.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { checkPollDeadline } from './poll-deadline.ts';

export const pollWorkflowTaskQueue = workflowRpc({
  method: 'PollWorkflowTaskQueue',
  read: PollWorkflowTaskQueueRequest.decode,
  handle: (request, call) => {
    checkPollDeadline(call);
    checkIdentity(call, request.identity);
    checkVersioning(call, request.workerVersionCapabilities, request.deploymentOptions, request.taskQueue);
    const taskQueue = checkTaskQueue(call, request.taskQueue);
    checkBadBinary(call, request.binaryChecksum);
    const partition = partitionOf(call.namespaceId, taskQueue, TaskQueueType.WORKFLOW);
    const changed =
      taskQueue === request.taskQueue
        ? call.message
        : withFields(call.message, PollWorkflowTaskQueueRequest.encode({ taskQueue }));
    return call.poll('PollWorkflowTaskQueue', partition, changed);
  },
});

function checkBadBinary(call: RpcCall, checksum: string): void {
  if (checksum !== '' && call.namespace?.badBinaries?.binaries.has(checksum)) {
    throw invalidArgument(`Binary ${checksum} already marked as bad deployment.`);
  }
}
