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
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { failActivity, recordHeartbeat, retryActivity } from '../workflow/activity.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { type ActivityTarget, targetById, targetOfToken, updateActivity } from './find-activity.ts';

interface Failed {
  readonly failure: Encoded<Failure> | undefined;
  readonly lastHeartbeatDetails: Encoded<Payloads> | undefined;
  readonly identity: string;
}

export const respondActivityTaskFailed: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskFailedRequest.decode(api.request);
  await fail(shard, api.namespaceId, targetOfToken(request.taskToken), request);
  return RespondActivityTaskFailedResponse.encode({});
};

export const respondActivityTaskFailedById: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskFailedByIdRequest.decode(api.request);
  await fail(shard, api.namespaceId, targetById(request), request);
  return RespondActivityTaskFailedByIdResponse.encode({});
};

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
