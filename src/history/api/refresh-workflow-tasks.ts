// Admin: every duty that a run's state implies is queued anew.

import { RefreshWorkflowTasksRequest, RefreshWorkflowTasksResponse } from '#proto/temporal/server/api/adminservice/v1';
import type { ApiHandler } from '../engine.ts';
import { addRetentionTask } from '../workflow/close.ts';
import { refreshTasks } from '../workflow/refresh-tasks.ts';
import { VisibilityChange } from '../workflow/workflow.ts';

export const refreshWorkflowTasks: ApiHandler = async (_engine, shard, api) => {
  const { execution } = RefreshWorkflowTasksRequest.decode(api.request);
  const workflow = await shard.workflow(api.namespaceId, execution?.workflowId ?? '', execution?.runId ?? '');
  await shard.update(workflow, () => {
    if (workflow.isRunning) {
      refreshTasks(workflow);
    } else {
      addRetentionTask(workflow);
      workflow.markVisibility(VisibilityChange.CLOSE);
    }
  });
  return RefreshWorkflowTasksResponse.encode({});
};
