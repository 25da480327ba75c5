// An activity attempt succeeded.

import type { Payloads } from '#proto/temporal/api/common/v1';
import {
  RespondActivityTaskCompletedByIdRequest,
  RespondActivityTaskCompletedByIdResponse,
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Encoded } from '../../proto/wire.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { completeActivity, startActivity } from '../workflow/activity.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { type ActivityTarget, targetById, targetOfToken, updateActivity } from './find-activity.ts';

export const respondActivityTaskCompleted: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCompletedRequest.decode(api.request);
  await complete(shard, api.namespaceId, targetOfToken(request.taskToken), request.result, request.identity, false);
  return RespondActivityTaskCompletedResponse.encode({});
};

export const respondActivityTaskCompletedById: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCompletedByIdRequest.decode(api.request);
  await complete(shard, api.namespaceId, targetById(request), request.result, request.identity, true);
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
