// An activity without a workflow is to stop: its worker hears of it with the next heartbeat; without a worker it ends at once.

import { Payloads } from '#proto/temporal/api/common/v1';
import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import {
  RequestCancelActivityExecutionRequest,
  RequestCancelActivityExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { failedPrecondition } from '../../proto/service-errors.ts';
import { encodeValue } from '../../visibility/search-attributes/value.ts';
import type { ActivityExecution } from '../activity-execution/activity-execution.ts';
import { ActivityStage, stageName } from '../activity-execution/activity-stage.ts';
import { cancelActivity } from '../activity-execution/close.ts';
import type { ApiHandler } from '../engine.ts';

export const requestCancelActivityExecution: ApiHandler = async (_engine, shard, api) => {
  const request = RequestCancelActivityExecutionRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, request.activityId, request.runId);
  await shard.activities.update(execution, () => {
    if (execution.state.cancelRequestId !== request.requestId) requestCancel(execution, request);
  });
  return RequestCancelActivityExecutionResponse.encode({});
};

function requestCancel(execution: ActivityExecution, request: RequestCancelActivityExecutionRequest): void {
  const { state } = execution;
  if (!execution.isOpen) throw failedPrecondition(`activity is in terminal state ${stageName(state.stage)}`);
  if (state.stage === ActivityStage.CANCEL_REQUESTED) {
    throw failedPrecondition(`cancellation already requested with request ID ${state.cancelRequestId}`);
  }
  state.cancelRequestId = request.requestId;
  state.cancelIdentity = request.identity;
  state.cancelReason = request.reason;
  if (!execution.hasAttemptInProgress) {
    cancelActivity(
      execution,
      Payloads.encode({ payloads: [encodeValue(request.reason, IndexedValueType.UNSPECIFIED)] }),
    );
    return;
  }
  state.stage = ActivityStage.CANCEL_REQUESTED;
  // It takes precedence over a reset that waits.
  state.resetRestoresOptions = false;
  state.resetHeartbeat = false;
}
