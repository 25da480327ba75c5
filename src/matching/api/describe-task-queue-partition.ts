// DescribeTaskQueuePartition: pollers and statistics of one partition, for the root that adds them up.

import { TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import { DescribeTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import type { Handler } from '../../runtime/service.ts';
import { statsByPriority } from '../description.ts';
import type { HandlerContext } from './handler-context.ts';

export function describeTaskQueuePartition({ environment, partitions }: HandlerContext): Handler {
  return (bytes) => {
    const request = TaskQueueApiRequest.decode(bytes);
    return whenReady(partitions.get(request.partition), (partition) =>
      DescribeTaskQueueResponse.encode({
        pollers: partition.pollerInfos(),
        statsByPriorityKey: statsByPriority(partition, environment.clock.nowMs()),
      }),
    );
  };
}
