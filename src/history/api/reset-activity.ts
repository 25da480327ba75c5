// Lets activities begin again with their first attempt.

import { ResetActivityRequest, ResetActivityResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { loadOriginalOptions, noOriginalOptions } from '../original-activity-options.ts';
import { resetActivity as reset } from '../workflow/activity-operations.ts';
import { findPendingActivities } from './find-pending-activities.ts';

export const resetActivity: ApiHandler = async (_engine, shard, api) => {
  const request = ResetActivityRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const workflow = await shard.workflow(api.namespaceId, workflowId, runId);
  const originals = request.restoreOriginalOptions
    ? await loadOriginalOptions(shard, workflow, findPendingActivities(workflow, request))
    : noOriginalOptions;
  await shard.update(workflow, () => {
    for (const activity of findPendingActivities(workflow, request)) {
      reset(workflow, activity, {
        resetHeartbeat: request.resetHeartbeat,
        keepPaused: request.keepPaused,
        jitterMs: request.jitter ?? 0,
        originalOptions: originals.get(activity.scheduledEventId),
      });
    }
  });
  return ResetActivityResponse.encode({});
};
