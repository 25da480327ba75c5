// RespondActivityTaskCanceledById. Main loop.

import {
  RespondActivityTaskCanceledByIdRequest,
  RespondActivityTaskCanceledByIdResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkActivityById } from '../checks/activity-by-id.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { CANCEL_DETAILS_EXCEED_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity, tokenById } from './fail-activity.ts';

export const respondActivityTaskCanceledById = workflowRpc({
  method: 'RespondActivityTaskCanceledById',
  read: RespondActivityTaskCanceledByIdRequest.decode,
  handle: (request, call) => {
    const ownerId = checkActivityById(call, request);
    const { runId, identity } = request;
    if (isTooLarge(call, request.details?.length ?? 0, ownerId, runId)) {
      const taskToken = tokenById(call, request);
      return failActivity(call, { taskToken, ownerId, identity }, CANCEL_DETAILS_EXCEED_LIMIT).then(() =>
        RespondActivityTaskCanceledByIdResponse.encode({}),
      );
    }
    return call.toHistory('RespondActivityTaskCanceledById', ownerId);
  },
});
