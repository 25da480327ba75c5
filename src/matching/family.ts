// What the partitions of one task queue ask of each other when they are loaded. Failures only delay: the next load or call
// tries again. Matching thread.

import { TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import type { TaskQueueConfig } from '#proto/temporal/api/taskqueue/v1';
import { DescribeTaskQueueRequest, DescribeTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { type PartitionIdentity, partitionKey } from '../runtime/task-queue-partition.ts';
import type { MatchingEnvironment } from './environment.ts';

/** How long a partition waits for another one's answer. */
const FAMILY_CALL_TIMEOUT_MS = 10_000;

/** A root that is used wakes the others: their backlogs would wait until a poll happens to come to them. */
export function loadChildren(environment: MatchingEnvironment, root: PartitionIdentity, partitions: number): void {
  for (let partitionId = 1; partitionId < partitions; partitionId++) {
    const partition = identityOf(root, partitionId);
    const request = TaskQueueApiRequest.encode({ namespaceId: root.namespaceId, partition });
    environment.router
      .callMatching(partitionKey(partition), 'DescribeTaskQueuePartition', request, deadline(environment))
      .catch((error: unknown) => {
        environment.logger.debug({ err: error, partitionId }, 'a partition could not be loaded');
      });
  }
}

/** The root keeps the queue's configuration. */
export function fetchConfig(
  environment: MatchingEnvironment,
  child: PartitionIdentity,
  apply: (config: TaskQueueConfig) => void,
): void {
  const partition = identityOf(child, 0);
  const request = TaskQueueApiRequest.encode({
    namespaceId: child.namespaceId,
    partition,
    request: DescribeTaskQueueRequest.encode({ reportConfig: true }),
  });
  environment.router.callMatching(partitionKey(partition), 'DescribeTaskQueue', request, deadline(environment)).then(
    (response) => {
      const { config } = DescribeTaskQueueResponse.decode(response);
      if (config !== undefined) apply(config);
    },
    (error: unknown) => {
      environment.logger.debug({ err: error, taskQueue: child.taskQueue }, 'the root partition did not answer');
    },
  );
}

/** Only what identifies it: the partition that asks may carry more. */
function identityOf(
  { namespaceId, taskQueue, taskQueueType }: PartitionIdentity,
  partitionId: number,
): PartitionIdentity {
  return { namespaceId, taskQueue, taskQueueType, partitionId };
}

function deadline(environment: MatchingEnvironment): { readonly deadlineMs: number } {
  return { deadlineMs: environment.clock.nowMs() + FAMILY_CALL_TIMEOUT_MS };
}
