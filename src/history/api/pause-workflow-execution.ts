// Pauses a run: workers get nothing of it until it is unpaused.

import { PauseWorkflowExecutionRequest, PauseWorkflowExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { failedPrecondition, invalidArgument } from '../../proto/service-errors.ts';
import type { ApiHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { MAX_ID_LENGTH } from '../limits.ts';
import { pauseRun } from '../workflow/pause.ts';

export const pauseWorkflowExecution: ApiHandler = async (engine, shard, api) => {
  const request = PauseWorkflowExecutionRequest.decode(api.request);
  const maxLength = engine.config.get(MAX_ID_LENGTH);
  if (Buffer.byteLength(request.reason) > maxLength) throw invalidArgument('reason is too long.');
  if (Buffer.byteLength(request.requestId) > maxLength) throw invalidArgument('request id is too long.');
  if (Buffer.byteLength(request.identity) > maxLength) throw invalidArgument('identity is too long.');
  const workflow = await shard.workflow(api.namespaceId, request.workflowId, request.runId);
  if (!workflow.isRunning) throw workflowCompleted();
  const { state } = workflow;
  if (state.paused) {
    if (request.requestId === '' || state.pauseRequestId !== request.requestId) {
      throw failedPrecondition('workflow is already paused.');
    }
    await shard.settled(workflow);
    return PauseWorkflowExecutionResponse.encode({});
  }
  await shard.update(workflow, () => {
    pauseRun(workflow, request);
    shard.refreshCurrent(workflow);
  });
  return PauseWorkflowExecutionResponse.encode({});
};
