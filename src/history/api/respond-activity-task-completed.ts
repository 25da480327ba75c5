// An activity attempt succeeded.

import type { Payloads } from '#proto/temporal/api/common/v1';
import {
  RespondActivityTaskCompletedByIdRequest,
  RespondActivityTaskCompletedByIdResponse,
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Encoded } from '../../proto/wire.ts';
import {
  attemptById,
  attemptOfToken,
  isOfActivityExecution,
  updateAttempt,
} from '../activity-execution/attempt-target.ts';
import { completeActivity as completeExecution } from '../activity-execution/close.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { completeActivity, startActivity } from '../workflow/activity.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { type ActivityTarget, decodeActivityToken, targetById, updateActivity } from './find-activity.ts';

export const respondActivityTaskCompleted: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCompletedRequest.decode(api.request);
  const token = decodeActivityToken(request.taskToken);
  if (isOfActivityExecution(token)) {
    const target = attemptOfToken(token, api.namespaceId);
    await updateAttempt(shard, api.namespaceId, target, (execution) => completeExecution(execution, request));
  } else {
    await complete(shard, api.namespaceId, token, request.result, request.identity, false);
  }
  return RespondActivityTaskCompletedResponse.encode({});
};

export const respondActivityTaskCompletedById: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCompletedByIdRequest.decode(api.request);
  const target = targetById(request);
  if (request.workflowId === '') {
    await updateAttempt(
      shard,
      api.namespaceId,
      attemptById(request),
      (execution) => completeExecution(execution, request),
      { allowUnstarted: true },
    );
  } else {
    await complete(shard, api.namespaceId, target, request.result, request.identity, true);
  }
  return RespondActivityTaskCompletedByIdResponse.encode({});
};

async function complete(
  shard: Shard,
  namespaceId: string,
  target: ActivityTarget,
  result: Encoded<Payloads> | undefined,
  identity: string,
  isById: boolean,
): Promise<void> {
  await updateActivity(
    shard,
    namespaceId,
    target,
    (workflow, activity) => {
      // Completed by id between two attempts: history needs a started event all the same.
      const started =
        activity.startedEventId === 0 ? startActivity(workflow, activity, { requestId: '', identity }) : activity;
      completeActivity(workflow, started, { result, identity });
      ensureWorkflowTask(workflow);
    },
    { allowUnstarted: isById },
  );
}
