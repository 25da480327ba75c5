// Waits for an update that somebody sent before.

import {
  PollWorkflowExecutionUpdateRequest,
  PollWorkflowExecutionUpdateResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import type { ApiHandler } from '../engine.ts';
import { LONG_POLL_EXPIRATION_INTERVAL } from '../limits.ts';
import { waitForStage } from '../workflow/update/index.ts';
import { completedOutcome } from '../workflow/update-outcome.ts';
import { updateRegistryOf } from '../workflow/update-registry-of.ts';

export const pollWorkflowExecutionUpdate: ApiHandler = async (engine, shard, api, call) => {
  const { updateRef, waitPolicy } = PollWorkflowExecutionUpdateRequest.decode(api.request);
  const target = updateRef?.workflowExecution;
  const updateId = updateRef?.updateId ?? '';
  const workflow = await shard.workflow(api.namespaceId, target?.workflowId ?? '', target?.runId ?? '');
  const outcome = await completedOutcome(shard, workflow, updateId);
  const registry = updateRegistryOf(workflow);
  const update = outcome === undefined ? registry.find(updateId) : registry.completedUpdate(updateId, outcome);
  if (update === undefined) throw notFound(`update ${JSON.stringify(updateId)} not found`);
  const status = await waitForStage(update, waitPolicy?.lifecycleStage ?? 0, {
    clock: engine.clock,
    softTimeoutMs: engine.config.get(LONG_POLL_EXPIRATION_INTERVAL, { namespace: workflow.namespace.name }),
    call,
  });
  return PollWorkflowExecutionUpdateResponse.encode({
    outcome: status.outcome,
    stage: status.stage,
    updateRef: { workflowExecution: { workflowId: workflow.workflowId, runId: workflow.runId }, updateId },
  });
};
