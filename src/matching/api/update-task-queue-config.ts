// UpdateTaskQueueConfig: rate limits and fairness weights of a task queue. The root keeps them durably and hands them to the
// other partitions. Temporal: UpdateTaskQueueConfig in matching_engine.go, v1.31.

import { TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import { UpdateTaskQueueConfigRequest, UpdateTaskQueueConfigResponse } from '#proto/temporal/api/workflowservice/v1';
import { readPartitions } from '../../runtime/partition-choice.ts';
import type { Handler } from '../../runtime/service.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import { MAX_FAIRNESS_WEIGHT_OVERRIDES } from '../settings.ts';
import { updatedConfig } from '../task-queue-config.ts';
import type { HandlerContext } from './handler-context.ts';

export function updateTaskQueueConfig({ environment, partitions }: HandlerContext): Handler {
  const { clock, dynamicConfig, namespaces, router, logger } = environment;
  return async (bytes, call) => {
    const { partition: message, request } = TaskQueueApiRequest.decode(bytes);
    const update = UpdateTaskQueueConfigRequest.decode(request);
    const partition = await partitions.get(message);
    const config = updatedConfig(partition.config, update, {
      nowMs: clock.nowMs(),
      maxWeightOverrides: partition.settings(MAX_FAIRNESS_WEIGHT_OVERRIDES),
    });
    await partition.saveConfig(config);
    if (partition.isRoot && message !== undefined) {
      const { namespaceId, taskQueue, taskQueueType } = message;
      const namespace = namespaces.byId(namespaceId)?.name;
      const count = readPartitions(dynamicConfig, { namespace, taskQueue, taskQueueType });
      for (let partitionId = 1; partitionId < count; partitionId++) {
        const child = { ...message, partitionId };
        const childRequest = TaskQueueApiRequest.encode({ namespaceId, partition: child, request });
        const options = { deadlineMs: call.deadlineMs };
        router
          .callMatching(partitionKey(child), 'UpdateTaskQueueConfig', childRequest, options)
          .catch((error: unknown) => {
            // It asks the root when it is loaded the next time.
            logger.warn({ err: error, taskQueue, partitionId }, 'a partition did not take the new configuration');
          });
      }
    }
    return UpdateTaskQueueConfigResponse.encode({ config });
  };
}
