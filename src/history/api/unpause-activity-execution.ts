// A paused activity without a workflow goes on.

import {
  UnpauseActivityExecutionRequest,
  UnpauseActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { unpauseActivity } from '../activity-execution/pause.ts';
import type { ApiHandler } from '../engine.ts';

export const unpauseActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const request = UnpauseActivityExecutionRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, request.activityId, request.runId);
  await shard.activities.update(execution, () => {
    if (execution.state.unpauseRequestId === request.requestId) return;
    unpauseActivity(execution, request.jitter ?? 0);
    execution.state.unpauseRequestId = request.requestId;
  });
  return UnpauseActivityExecutionResponse.encode({});
};
