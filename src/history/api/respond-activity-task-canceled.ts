// A worker confirms that it gave up an activity whose cancellation was requested.

import type { Payloads } from '#proto/temporal/api/common/v1';
import {
  RespondActivityTaskCanceledByIdRequest,
  RespondActivityTaskCanceledByIdResponse,
  RespondActivityTaskCanceledRequest,
  RespondActivityTaskCanceledResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Encoded } from '../../proto/wire.ts';
import { ActivityStage } from '../activity-execution/activity-stage.ts';
import {
  type AttemptTarget,
  attemptById,
  attemptOfToken,
  isOfActivityExecution,
  updateAttempt,
} from '../activity-execution/attempt-target.ts';
import { cancelActivity as cancelExecution } from '../activity-execution/close.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { cancelActivity } from '../workflow/activity.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { type ActivityTarget, decodeActivityToken, targetById, updateActivity } from './find-activity.ts';

export const respondActivityTaskCanceled: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCanceledRequest.decode(api.request);
  const token = decodeActivityToken(request.taskToken);
  if (isOfActivityExecution(token)) {
    await cancelAlone(shard, api.namespaceId, attemptOfToken(token, api.namespaceId), request.details);
  } else {
    await cancel(shard, api.namespaceId, token, request.details, request.identity);
  }
  return RespondActivityTaskCanceledResponse.encode({});
};

export const respondActivityTaskCanceledById: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCanceledByIdRequest.decode(api.request);
  const target = targetById(request);
  if (request.workflowId === '') {
    await cancelAlone(shard, api.namespaceId, attemptById(request), request.details);
  } else {
    await cancel(shard, api.namespaceId, target, request.details, request.identity);
  }
  return RespondActivityTaskCanceledByIdResponse.encode({});
};

const notRequested = () =>
  invalidArgument('unable to mark activity as canceled without activity being request canceled first');

async function cancelAlone(
  shard: Shard,
  namespaceId: string,
  target: AttemptTarget,
  details: Encoded<Payloads> | undefined,
): Promise<void> {
  await updateAttempt(shard, namespaceId, target, (execution) => {
    if (execution.state.stage !== ActivityStage.CANCEL_REQUESTED) throw notRequested();
    cancelExecution(execution, details);
  });
}

async function cancel(
  shard: Shard,
  namespaceId: string,
  target: ActivityTarget,
  details: Encoded<Payloads> | undefined,
  identity: string,
): Promise<void> {
  await updateActivity(shard, namespaceId, target, (workflow, activity) => {
    if (!activity.cancelRequested) throw notRequested();
    cancelActivity(workflow, activity, { details, identity, cancelRequestedEventId: activity.cancelRequestId });
    ensureWorkflowTask(workflow);
  });
}
