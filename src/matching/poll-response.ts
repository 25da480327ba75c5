// Adds matching's own fields to a poll response without decoding it: by the wire format, fields may simply be appended.

import { Buffer } from 'node:buffer';
import { PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { TASK_QUEUE_TYPE_WORKFLOW } from '../runtime/task-queue-partition.ts';

/** `pollersDelta` is what the worker should add to its polls: -1, 0 or 1. */
export function completePollResponse(
  response: Uint8Array,
  taskQueueType: number,
  backlogCountHint: number,
  pollersDelta: number,
): Uint8Array {
  const isWorkflow = taskQueueType === TASK_QUEUE_TYPE_WORKFLOW;
  const hint = isWorkflow ? backlogCountHint : 0;
  if (hint === 0 && pollersDelta === 0) return response;
  const pollerScalingDecision = pollersDelta === 0 ? undefined : { pollRequestDeltaSuggestion: pollersDelta };
  const added = isWorkflow
    ? PollWorkflowTaskQueueResponse.encode({ backlogCountHint: hint, pollerScalingDecision })
    : PollActivityTaskQueueResponse.encode({ pollerScalingDecision });
  return Buffer.concat([response, added]);
}
