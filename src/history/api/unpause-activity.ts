// Lets paused activities go on, at once or spread over the request's jitter.

import { UnpauseActivityRequest, UnpauseActivityResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { unpauseActivity as unpause } from '../workflow/activity-operations.ts';
import { findPendingActivities } from './find-pending-activities.ts';

export const unpauseActivity: ApiHandler = async (_engine, shard, api) => {
  const request = UnpauseActivityRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const workflow = await shard.workflow(api.namespaceId, workflowId, runId);
  if (!workflow.isRunning) throw workflowCompleted();
  const target = { id: request.id, type: request.type, matchAll: request.unpauseAll };
  await shard.update(workflow, () => {
    for (const activity of findPendingActivities(workflow, target)) {
      unpause(workflow, activity, {
        resetAttempts: request.resetAttempts,
        resetHeartbeat: request.resetHeartbeat,
        jitterMs: request.jitter ?? 0,
      });
    }
  });
  return UnpauseActivityResponse.encode({});
};
