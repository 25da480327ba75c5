// ShutdownWorker: a worker leaves. Its polls of this partition are answered empty, so that no task goes to nobody; a sticky
// queue is unloaded with its worker. Called for each partition the worker polled. Temporal: CancelOutstandingWorkerPolls and
// ForceUnloadTaskQueuePartition, v1.31.

import { TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import { ShutdownWorkerRequest, ShutdownWorkerResponse } from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import type { HandlerContext } from './handler-context.ts';

const RESPONSE = ShutdownWorkerResponse.encode({});

export function shutdownWorker({ partitions, shutdownWorkers }: HandlerContext): Handler {
  return (bytes) => {
    const { partition: message, request } = TaskQueueApiRequest.decode(bytes);
    const { identity, workerInstanceKey, stickyTaskQueue } = ShutdownWorkerRequest.decode(request);
    shutdownWorkers.add(workerInstanceKey);
    const partition = partitions.peek(message);
    if (partition === undefined) return RESPONSE;
    partition.polls.workerLeft(identity, workerInstanceKey);
    // The name decides: the caller may not say that the queue is sticky.
    if (partition.sticky || partition.identity.taskQueue === stickyTaskQueue) partition.unload('worker left');
    return RESPONSE;
  };
}
