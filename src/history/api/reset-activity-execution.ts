// The attempts of an activity without a workflow count from one again.

import { ResetActivityExecutionRequest, ResetActivityExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { resetActivity } from '../activity-execution/reset.ts';
import type { ApiHandler } from '../engine.ts';

export const resetActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const request = ResetActivityExecutionRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, request.activityId, request.runId);
  await shard.activities.update(execution, () => {
    if (execution.state.resetRequestId === request.requestId) return;
    resetActivity(execution, { ...request, jitterMs: request.jitter ?? 0 });
    execution.state.resetRequestId = request.requestId;
  });
  return ResetActivityExecutionResponse.encode({});
};
