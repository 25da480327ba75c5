// An activity attempt failed: it is tried again, or the workflow hears of it.

import type { Payloads } from '#proto/temporal/api/common/v1';
import { RetryState } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import {
  RespondActivityTaskFailedByIdRequest,
  RespondActivityTaskFailedByIdResponse,
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Encoded } from '../../proto/wire.ts';
import {
  type AttemptTarget,
  attemptById,
  attemptOfToken,
  isOfActivityExecution,
  updateAttempt,
} from '../activity-execution/attempt-target.ts';
import { recordHeartbeat as heartbeatExecution, tryAgain } from '../activity-execution/attempts.ts';
import { failActivity as failExecution } from '../activity-execution/close.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { failActivity, recordHeartbeat, retryActivity } from '../workflow/activity.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { type ActivityTarget, decodeActivityToken, targetById, updateActivity } from './find-activity.ts';

interface Failed {
  readonly failure: Encoded<Failure> | undefined;
  readonly lastHeartbeatDetails: Encoded<Payloads> | undefined;
  readonly identity: string;
}

export const respondActivityTaskFailed: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskFailedRequest.decode(api.request);
  const token = decodeActivityToken(request.taskToken);
  if (isOfActivityExecution(token)) {
    await failAlone(shard, api.namespaceId, attemptOfToken(token, api.namespaceId), request);
  } else {
    await fail(shard, api.namespaceId, token, request);
  }
  return RespondActivityTaskFailedResponse.encode({});
};

export const respondActivityTaskFailedById: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskFailedByIdRequest.decode(api.request);
  const target = targetById(request);
  if (request.workflowId === '') await failAlone(shard, api.namespaceId, attemptById(request), request);
  else await fail(shard, api.namespaceId, target, request);
  return RespondActivityTaskFailedByIdResponse.encode({});
};

async function failAlone(shard: Shard, namespaceId: string, target: AttemptTarget, failed: Failed): Promise<void> {
  await updateAttempt(shard, namespaceId, target, (execution) => {
    const { failure, lastHeartbeatDetails, identity } = failed;
    if (lastHeartbeatDetails !== undefined) heartbeatExecution(execution, lastHeartbeatDetails);
    const retryState = tryAgain(execution, failure);
    if (retryState !== RetryState.IN_PROGRESS) failExecution(execution, { failure, identity, retryState });
  });
}

async function fail(shard: Shard, namespaceId: string, target: ActivityTarget, failed: Failed): Promise<void> {
  await updateActivity(shard, namespaceId, target, (workflow, activity) => {
    const { scheduledEventId } = activity;
    if (failed.lastHeartbeatDetails !== undefined) {
      recordHeartbeat(workflow, activity, failed.lastHeartbeatDetails, failed.identity);
    }
    const current = workflow.activities.get(scheduledEventId) ?? activity;
    const retryState = retryActivity(workflow, current, failed.failure);
    if (retryState === RetryState.IN_PROGRESS) return;
    failActivity(workflow, current, { failure: failed.failure, identity: failed.identity, retryState });
    ensureWorkflowTask(workflow);
  });
}
