// RespondActivityTaskFailed. Main loop.

import { Failure } from '#proto/temporal/api/failure/v1';
import {
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { checkTokenOwner } from '../checks/activity-execution.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { workflowRpc } from '../rpc.ts';
import { limitActivityFailure } from './limit-activity-failure.ts';

export const respondActivityTaskFailed = workflowRpc({
  method: 'RespondActivityTaskFailed',
  token: 'task',
  read: RespondActivityTaskFailedRequest.decode,
  handle: (request, call) => {
    if (request.failure !== undefined && Failure.decode(request.failure).applicationFailureInfo === undefined) {
      throw invalidArgument('Failure must have ApplicationFailureInfo.');
    }
    checkIdentity(call, request.identity);
    const ownerId = checkTokenOwner(call, call.taskToken);
    const runId = call.taskToken?.runId ?? '';
    const limited = limitActivityFailure(call, request, ownerId, runId);
    if (limited === undefined) return call.toHistory('RespondActivityTaskFailed', ownerId);
    const changed = RespondActivityTaskFailedRequest.encode({ ...request, ...limited.fields });
    return call
      .toHistory('RespondActivityTaskFailed', ownerId, changed)
      .then(() => RespondActivityTaskFailedResponse.encode({ failures: limited.failures }));
  },
});
