// ListTaskQueuePartitions: the names of a task queue's partitions and who owns them.

import { TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import {
  ListTaskQueuePartitionsRequest,
  ListTaskQueuePartitionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { writePartitions } from '../../runtime/partition-choice.ts';
import type { Handler } from '../../runtime/service.ts';
import {
  partitionName,
  TASK_QUEUE_TYPE_ACTIVITY,
  TASK_QUEUE_TYPE_WORKFLOW,
} from '../../runtime/task-queue-partition.ts';
import type { HandlerContext } from './handler-context.ts';

export function listTaskQueuePartitions({ environment }: HandlerContext): Handler {
  const { dynamicConfig, hostName, namespaces } = environment;
  return (bytes) => {
    const { namespaceId, request } = TaskQueueApiRequest.decode(bytes);
    const taskQueue = ListTaskQueuePartitionsRequest.decode(request).taskQueue?.name ?? '';
    if (taskQueue.startsWith('/_sys/')) {
      throw invalidArgument(`task queue family name cannot have prefix /_sys/ ${taskQueue}`);
    }
    const namespace = namespaces.byId(namespaceId)?.name;
    const list = (taskQueueType: number) =>
      Array.from({ length: writePartitions(dynamicConfig, { namespace, taskQueue, taskQueueType }) }, (_, id) => ({
        key: partitionName(taskQueue, id),
        ownerHostName: hostName,
      }));
    return ListTaskQueuePartitionsResponse.encode({
      activityTaskQueuePartitions: list(TASK_QUEUE_TYPE_ACTIVITY),
      workflowTaskQueuePartitions: list(TASK_QUEUE_TYPE_WORKFLOW),
    });
  };
}
