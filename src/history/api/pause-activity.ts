// Keeps activities from being attempted until they are unpaused.

import { PauseActivityRequest, PauseActivityResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { pauseActivity as pause } from '../workflow/activity-operations.ts';
import { findPendingActivities } from './find-pending-activities.ts';

export const pauseActivity: ApiHandler = async (_engine, shard, api) => {
  const request = PauseActivityRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const workflow = await shard.workflow(api.namespaceId, workflowId, runId);
  await shard.update(workflow, () => {
    for (const activity of findPendingActivities(workflow, request)) pause(workflow, activity, request);
  });
  return PauseActivityResponse.encode({});
};
