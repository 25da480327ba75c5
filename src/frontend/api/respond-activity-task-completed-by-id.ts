// RespondActivityTaskCompletedById. Main loop.

import {
  RespondActivityTaskCompletedByIdRequest,
  RespondActivityTaskCompletedByIdResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkActivityById } from '../checks/activity-by-id.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { COMPLETE_RESULT_EXCEEDS_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity, tokenById } from './fail-activity.ts';

export const respondActivityTaskCompletedById = workflowRpc({
  method: 'RespondActivityTaskCompletedById',
  read: RespondActivityTaskCompletedByIdRequest.decode,
  handle: (request, call) => {
    const ownerId = checkActivityById(call, request);
    const { runId, identity } = request;
    if (isTooLarge(call, request.result?.length ?? 0, ownerId, runId)) {
      const taskToken = tokenById(call, request);
      return failActivity(call, { taskToken, ownerId, identity }, COMPLETE_RESULT_EXCEEDS_LIMIT).then(() =>
        RespondActivityTaskCompletedByIdResponse.encode({}),
      );
    }
    return call.toHistory('RespondActivityTaskCompletedById', ownerId);
  },
});
