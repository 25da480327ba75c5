// PollWorkflowTaskQueue: waits for a workflow task or a query.

import { PollRequest } from '#proto/ostinato/matching/v1';
import { PollWorkflowTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import type { Handler } from '../../runtime/service.ts';
import { workerVersionOf } from '../worker-version.ts';
import type { HandlerContext } from './handler-context.ts';
import { park } from './park.ts';

export function pollWorkflowTaskQueue(context: HandlerContext): Handler {
  return (bytes, call) => {
    const { partition, request, forwardedFrom } = PollRequest.decode(bytes);
    const poll = PollWorkflowTaskQueueRequest.decode(request);
    const arrival = {
      request,
      identity: poll.identity,
      workerInstanceKey: poll.workerInstanceKey,
      forwardedFrom,
      workerVersion: workerVersionOf(poll.workerVersionCapabilities, poll.deploymentOptions),
      details: {
        ratePerSecond: undefined,
        workerVersionCapabilities: poll.workerVersionCapabilities,
        deploymentOptions: poll.deploymentOptions,
      },
    };
    return whenReady(context.partitions.get(partition), (found) => park(context, found, arrival, call));
  };
}
