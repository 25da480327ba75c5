// PollActivityTaskQueue: waits in matching for an activity task. Main loop.

import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkTaskQueue, partitionOf } from '../checks/task-queue.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { checkVersioning } from '../checks/versioning.ts';
import { workflowRpc } from '../rpc.ts';
import { checkPollDeadline } from './poll-deadline.ts';

export const pollActivityTaskQueue = workflowRpc({
  method: 'PollActivityTaskQueue',
  read: PollActivityTaskQueueRequest.decode,
  handle: (request, call) => {
    checkPollDeadline(call);
    const taskQueue = checkTaskQueue(call, request.taskQueue);
    checkIdentity(call, request.identity);
    checkVersioning(call, request.workerVersionCapabilities, request.deploymentOptions, taskQueue);
    const partition = partitionOf(call.namespaceId, taskQueue, TaskQueueType.ACTIVITY);
    const changed =
      taskQueue === request.taskQueue
        ? call.message
        : withFields(call.message, PollActivityTaskQueueRequest.encode({ taskQueue }));
    return call.poll('PollActivityTaskQueue', partition, changed);
  },
});
