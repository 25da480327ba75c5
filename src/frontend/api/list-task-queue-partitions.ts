// ListTaskQueuePartitions. Main loop.

import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { ListTaskQueuePartitionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkTaskQueue, partitionOf } from '../checks/task-queue.ts';
import { workflowRpc } from '../rpc.ts';

export const listTaskQueuePartitions = workflowRpc({
  method: 'ListTaskQueuePartitions',
  read: ListTaskQueuePartitionsRequest.decode,
  handle: (request, call) => {
    const taskQueue = checkTaskQueue(call, request.taskQueue);
    const partition = partitionOf(call.namespaceId, taskQueue, TaskQueueType.WORKFLOW);
    return call.toMatching('ListTaskQueuePartitions', partition);
  },
});
