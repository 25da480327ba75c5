// ShutdownWorker: a worker leaves. Its sticky queue is unloaded at once, and its polls of the normal queues, where it named them, are
// answered empty, so that no task goes to nobody. Main loop.

import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { ShutdownWorkerRequest, ShutdownWorkerResponse } from '#proto/temporal/api/workflowservice/v1';
import { ServiceError } from '../../base/service-error.ts';
import { readPartitions } from '../../runtime/partition-choice.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';

const ALL_TYPES: readonly TaskQueueType[] = [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];

export const shutdownWorker = workflowRpc({
  method: 'ShutdownWorker',
  read: ShutdownWorkerRequest.decode,
  handle: async (request, call) => {
    await Promise.all([unloadSticky(request, call), ...cancelPolls(request, call)]);
    return ShutdownWorkerResponse.encode({});
  },
});

async function unloadSticky({ stickyTaskQueue: taskQueue }: ShutdownWorkerRequest, call: RpcCall): Promise<void> {
  // Nothing is loaded under no name.
  if (taskQueue === '') return;
  const taskQueueType = TaskQueueType.WORKFLOW;
  const { namespaceId } = call;
  const partition = { namespaceId, taskQueue, taskQueueType, partitionId: 0, sticky: true, normalName: '' };
  await call.toMatching('ShutdownWorker', partition);
}

/** At every partition, since the polls of one worker are spread. */
function cancelPolls(request: ShutdownWorkerRequest, call: RpcCall): Promise<void>[] {
  const { taskQueue, workerInstanceKey } = request;
  if (taskQueue === '' || workerInstanceKey === '') return [];
  const types = request.taskQueueTypes.length === 0 ? ALL_TYPES : request.taskQueueTypes;
  const { namespaceId, namespaceName: namespace, services } = call;
  return types.flatMap((taskQueueType) =>
    Array.from(
      { length: readPartitions(services.dynamicConfig, { namespace, taskQueue, taskQueueType }) },
      (_, partitionId) =>
        bestEffort(call, () => {
          const partition = { namespaceId, taskQueue, taskQueueType, partitionId, sticky: false, normalName: '' };
          return call.toMatching('ShutdownWorker', partition);
        }),
    ),
  );
}

/** A poll that stays is found out by its worker's absence; leaving does not fail for it. */
async function bestEffort(call: RpcCall, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    call.services.logger.warn(
      { 'wf-namespace': call.namespaceName, err: error },
      'Failed to cancel polls of a worker.',
    );
  }
}
