// Lets a paused run go on.

import {
  UnpauseWorkflowExecutionRequest,
  UnpauseWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { failedPrecondition } from '../../proto/service-errors.ts';
import type { ApiHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { unpauseRun } from '../workflow/pause.ts';

export const unpauseWorkflowExecution: ApiHandler = async (_engine, shard, api) => {
  const request = UnpauseWorkflowExecutionRequest.decode(api.request);
  const workflow = await shard.workflow(api.namespaceId, request.workflowId, request.runId);
  if (!workflow.isRunning) throw workflowCompleted();
  if (!workflow.state.paused) throw failedPrecondition('workflow is not paused.');
  await shard.update(workflow, () => {
    unpauseRun(workflow, request);
    shard.refreshCurrent(workflow);
  });
  return UnpauseWorkflowExecutionResponse.encode({});
};
