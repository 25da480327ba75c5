// Ends an activity without a workflow; its worker is not asked.

import {
  TerminateActivityExecutionRequest,
  TerminateActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { failedPrecondition } from '../../proto/service-errors.ts';
import { ActivityStage } from '../activity-execution/activity-stage.ts';
import { terminateActivity } from '../activity-execution/close.ts';
import { hasEnded } from '../activity-execution/errors.ts';
import type { ApiHandler } from '../engine.ts';

export const terminateActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const request = TerminateActivityExecutionRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, request.activityId, request.runId);
  await shard.activities.update(execution, () => {
    const { state } = execution;
    if (state.stage === ActivityStage.TERMINATED) {
      if (state.terminateRequestId === request.requestId) return;
      throw failedPrecondition(`already terminated with request ID ${state.terminateRequestId}`);
    }
    if (!execution.isOpen) throw hasEnded(state.stage);
    terminateActivity(execution, request);
  });
  return TerminateActivityExecutionResponse.encode({});
};
