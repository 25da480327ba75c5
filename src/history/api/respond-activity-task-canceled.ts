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
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { cancelActivity } from '../workflow/activity.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { type ActivityTarget, targetById, targetOfToken, updateActivity } from './find-activity.ts';

export const respondActivityTaskCanceled: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCanceledRequest.decode(api.request);
  await cancel(shard, api.namespaceId, targetOfToken(request.taskToken), request.details, request.identity);
  return RespondActivityTaskCanceledResponse.encode({});
};

export const respondActivityTaskCanceledById: ApiHandler = async (_engine, shard, api) => {
  const request = RespondActivityTaskCanceledByIdRequest.decode(api.request);
  await cancel(shard, api.namespaceId, targetById(request), request.details, request.identity);
  return RespondActivityTaskCanceledByIdResponse.encode({});
};

async function cancel(
  shard: Shard,
  namespaceId: string,
  target: ActivityTarget,
  details: Encoded<Payloads> | undefined,
  identity: string,
): Promise<void> {
  await updateActivity(shard, namespaceId, target, (workflow, activity) => {
    if (!activity.cancelRequested) {
      throw invalidArgument('unable to mark activity as canceled without activity being request canceled first');
    }
    cancelActivity(workflow, activity, { details, identity, cancelRequestedEventId: activity.cancelRequestId });
    ensureWorkflowTask(workflow);
  });
}
