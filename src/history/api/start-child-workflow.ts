// A parent starts a child workflow. The child's first workflow task waits until the parent has recorded the start.

import { StartChildWorkflowRequest, StartChildWorkflowResponse } from '#proto/ostinato/history/v1';
import { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowAlreadyStarted } from '../../proto/service-errors.ts';
import type { ShardHandler } from '../engine.ts';
import { startWorkflow } from '../start/start-workflow.ts';

export const startChildWorkflow: ShardHandler = async (engine, shard, bytes) => {
  const call = StartChildWorkflowRequest.decode(bytes);
  const request = StartWorkflowExecutionRequest.decode(call.request);
  if (call.onlyFind) {
    const current = await shard.currentRun(call.namespaceId, request.workflowId);
    if (current?.createRequestId !== request.requestId) return StartChildWorkflowResponse.encode({});
    await shard.barrier();
    return StartChildWorkflowResponse.encode({ runId: current.runId, started: true });
  }
  const outcome = await startWorkflow(engine, shard, {
    namespaceId: call.namespaceId,
    request,
    parent: call.parent,
    holdsFirstWorkflowTask: true,
  });
  if (outcome.kind === 'existing') {
    const { runId, createRequestId } = outcome.current;
    throw workflowAlreadyStarted(
      `Workflow execution is already running. WorkflowId: ${request.workflowId}, RunId: ${runId}.`,
      createRequestId,
      runId,
    );
  }
  await shard.barrier();
  const runId = outcome.kind === 'started' ? outcome.workflow.runId : outcome.current.runId;
  return StartChildWorkflowResponse.encode({ runId, started: true });
};
