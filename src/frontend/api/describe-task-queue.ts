// DescribeTaskQueue. Main loop.

import { DescribeTaskQueueMode, TaskQueueKind, TaskQueueType } from '#proto/temporal/api/enums/v1';
import type { TaskQueue } from '#proto/temporal/api/taskqueue/v1';
import { DescribeTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { ServiceError } from '../../base/service-error.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { checkPartition, checkTaskQueue, partitionOf } from '../checks/task-queue.ts';
import { DESCRIBE_WITH_REACHABILITY } from '../quotas/method-quotas.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { REACHABILITY_QUERY_BUILD_IDS } from '../settings.ts';

const BOTH_TYPES: readonly TaskQueueType[] = [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];

export const describeTaskQueue = workflowRpc({
  method: 'DescribeTaskQueue',
  read: DescribeTaskQueueRequest.decode,
  quotaMethod: (request) => (request.reportTaskReachability ? DESCRIBE_WITH_REACHABILITY : 'DescribeTaskQueue'),
  handle: (request, call) => {
    const enhanced = request.apiMode === DescribeTaskQueueMode.ENHANCED;
    const taskQueue =
      request.apiMode === DescribeTaskQueueMode.UNSPECIFIED
        ? checkPartition(call, request.taskQueue)
        : checkTaskQueue(call, request.taskQueue);
    const taskQueueType =
      enhanced || request.taskQueueType === TaskQueueType.UNSPECIFIED ? TaskQueueType.WORKFLOW : request.taskQueueType;
    const taskQueueTypes = request.taskQueueTypes.length === 0 ? BOTH_TYPES : request.taskQueueTypes;
    const limit = call.setting(REACHABILITY_QUERY_BUILD_IDS);
    if (request.reportTaskReachability && (request.versions?.buildIds.length ?? 0) > limit) {
      throw invalidArgument(`Too many build ids queried at once with ReportTaskReachability==true, limit: ${limit}`);
    }
    if (enhanced) checkEnhanced(call, taskQueue);
    return call.toMatching(
      'DescribeTaskQueue',
      partitionOf(call.namespaceId, taskQueue, taskQueueType),
      DescribeTaskQueueRequest.encode({ ...request, taskQueue, taskQueueType, taskQueueTypes }),
    );
  },
});

function checkEnhanced(call: RpcCall, taskQueue: TaskQueue): void {
  if (taskQueue.kind === TaskQueueKind.STICKY) {
    throw invalidArgument(
      'Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.',
    );
  }
  try {
    partitionOf(call.namespaceId, taskQueue, TaskQueueType.WORKFLOW);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalidArgument('Task Queue Partition invalid, use a different Task Queue or Task Queue Type');
  }
}
