// RespondActivityTaskCanceled. Main loop.

import {
  RespondActivityTaskCanceledRequest,
  RespondActivityTaskCanceledResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkTokenOwner } from '../checks/activity-execution.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { CANCEL_DETAILS_EXCEED_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity } from './fail-activity.ts';

export const respondActivityTaskCanceled = workflowRpc({
  method: 'RespondActivityTaskCanceled',
  token: 'task',
  read: RespondActivityTaskCanceledRequest.decode,
  handle: (request, call) => {
    checkIdentity(call, request.identity);
    const ownerId = checkTokenOwner(call, call.taskToken);
    const runId = call.taskToken?.runId ?? '';
    if (isTooLarge(call, request.details?.length ?? 0, ownerId, runId)) {
      const { taskToken, identity } = request;
      return failActivity(call, { taskToken, ownerId, identity }, CANCEL_DETAILS_EXCEED_LIMIT).then(() =>
        RespondActivityTaskCanceledResponse.encode({}),
      );
    }
    return call.toHistory('RespondActivityTaskCanceled', ownerId);
  },
});
