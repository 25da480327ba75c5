// An update: admitted, carried to a worker, and answered at the stage that the caller waits for.

import {
  UpdateWorkflowExecutionRequest,
  UpdateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { CallContext } from '../../runtime/service.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { LONG_POLL_EXPIRATION_INTERVAL } from '../limits.ts';
import { applyUpdate } from '../updates/apply-update.ts';
import { type Update, type UpdateStatus, waitForStage } from '../workflow/update/index.ts';
import type { Workflow } from '../workflow/workflow.ts';

export const updateWorkflowExecution: ApiHandler = async (engine, shard, api, call) => {
  const request = UpdateWorkflowExecutionRequest.decode(api.request);
  const target = request.workflowExecution;
  const workflow = await shard.workflow(api.namespaceId, target?.workflowId ?? '', target?.runId ?? '');
  if (!workflow.isRunning && !target?.runId && shard.isReplaced(workflow)) {
    return updateWorkflowExecution(engine, shard, api, call);
  }
  const update = await applyUpdate(engine, shard, workflow, request);
  const status = await awaitUpdate(engine, workflow, update, request, call);
  return UpdateWorkflowExecutionResponse.encode(updateAnswer(workflow, request, status));
};

export function awaitUpdate(
  engine: HistoryEngine,
  workflow: Workflow,
  update: Update,
  request: UpdateWorkflowExecutionRequest,
  call: CallContext,
): Promise<UpdateStatus> {
  return waitForStage(update, request.waitPolicy?.lifecycleStage ?? 0, {
    clock: engine.clock,
    softTimeoutMs: engine.config.get(LONG_POLL_EXPIRATION_INTERVAL, { namespace: workflow.namespace.name }),
    call,
  });
}

export function updateAnswer(workflow: Workflow, request: UpdateWorkflowExecutionRequest, status: UpdateStatus) {
  return {
    updateRef: {
      workflowExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
      updateId: request.request?.meta?.updateId ?? '',
    },
    outcome: status.outcome,
    stage: status.stage,
  };
}
