// A paused activity without a workflow goes on.

import {
  UnpauseActivityExecutionRequest,
  UnpauseActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { unpauseActivity } from '../activity-execution/pause.ts';
import { settledActivity } from '../activity-execution/wait-for-activity.ts';
import type { ApiHandler } from '../engine.ts';

export const unpauseActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const request = UnpauseActivityExecutionRequest.decode(api.request);
  const execution = await settledActivity(shard, api.namespaceId, request.activityId, request.runId);
  if (execution.state.unpauseRequestId !== request.requestId) {
    await shard.activities.update(execution, () => {
      unpauseActivity(execution, request.jitter ?? 0);
      execution.state.unpauseRequestId = request.requestId;
    });
  }
  return UnpauseActivityExecutionResponse.encode({});
};
