// RespondActivityTaskCompleted. Main loop.

import {
  RespondActivityTaskCompletedRequest,
  RespondActivityTaskCompletedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkTokenOwner } from '../checks/activity-execution.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { COMPLETE_RESULT_EXCEEDS_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity } from './fail-activity.ts';

export const respondActivityTaskCompleted = workflowRpc({
  method: 'RespondActivityTaskCompleted',
  token: 'task',
  read: RespondActivityTaskCompletedRequest.decode,
  handle: (request, call) => {
    checkIdentity(call, request.identity);
    const ownerId = checkTokenOwner(call, call.taskToken);
    const runId = call.taskToken?.runId ?? '';
    if (isTooLarge(call, request.result?.length ?? 0, ownerId, runId)) {
      const { taskToken, identity } = request;
      return failActivity(call, { taskToken, ownerId, identity }, COMPLETE_RESULT_EXCEEDS_LIMIT).then(() =>
        RespondActivityTaskCompletedResponse.encode({}),
      );
    }
    return call.toHistory('RespondActivityTaskCompleted', ownerId);
  },
});
