// ShutdownWorker: a worker leaves, so its sticky queue is unloaded at once. Main loop.

import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { ShutdownWorkerRequest, ShutdownWorkerResponse } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const shutdownWorker = workflowRpc({
  method: 'ShutdownWorker',
  read: ShutdownWorkerRequest.decode,
  handle: (request, call) => {
    const { stickyTaskQueue } = request;
    // Nothing is loaded under no name.
    if (stickyTaskQueue === '') return ShutdownWorkerResponse.encode({});
    return call.toMatching('ShutdownWorker', {
      namespaceId: call.namespaceId,
      taskQueue: stickyTaskQueue,
      taskQueueType: TaskQueueType.WORKFLOW,
      partitionId: 0,
      sticky: true,
      normalName: '',
    });
  },
});
