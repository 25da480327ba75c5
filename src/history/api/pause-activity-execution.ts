// Holds an activity without a workflow back: an attempt that a worker has may finish, no other begins.

import { PauseActivityExecutionRequest, PauseActivityExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { pauseActivity } from '../activity-execution/pause.ts';
import type { ApiHandler } from '../engine.ts';

export const pauseActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const request = PauseActivityExecutionRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, request.activityId, request.runId);
  await shard.activities.update(execution, () => {
    // Also after an unpause: a late repetition of the request pauses nothing again.
    if (execution.state.pauseRequestId !== request.requestId) pauseActivity(execution, request);
  });
  return PauseActivityExecutionResponse.encode({});
};
