// PollActivityTaskQueue: waits for an activity task. Its metadata may limit how fast the queue dispatches.

import { PollRequest } from '#proto/ostinato/matching/v1';
import { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import type { Handler } from '../../runtime/service.ts';
import { workerVersionOf } from '../worker-version.ts';
import type { HandlerContext } from './handler-context.ts';
import { park } from './park.ts';

export function pollActivityTaskQueue(context: HandlerContext): Handler {
  return (bytes, call) => {
    const { partition, request, forwardedFrom } = PollRequest.decode(bytes);
    const poll = PollActivityTaskQueueRequest.decode(request);
    const arrival = {
      request,
      identity: poll.identity,
      workerInstanceKey: poll.workerInstanceKey,
      forwardedFrom,
      workerVersion: workerVersionOf(poll.workerVersionCapabilities, poll.deploymentOptions),
      details: {
        ratePerSecond: poll.taskQueueMetadata?.maxTasksPerSecond?.value,
        workerVersionCapabilities: poll.workerVersionCapabilities,
        deploymentOptions: poll.deploymentOptions,
      },
    };
    return whenReady(context.partitions.get(partition), (found) => park(context, found, arrival, call));
  };
}
