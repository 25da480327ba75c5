// RespondActivityTaskFailed. Main loop.

import { Failure } from '#proto/temporal/api/failure/v1';
import {
  RespondActivityTaskFailedRequest,
  RespondActivityTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
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
    const { workflowId = '', runId = '' } = call.taskToken ?? {};
    const limited = limitActivityFailure(call, request, workflowId, runId);
    if (limited === undefined) return call.toHistory('RespondActivityTaskFailed', workflowId);
    const changed = RespondActivityTaskFailedRequest.encode({ ...request, ...limited.fields });
    return call
      .toHistory('RespondActivityTaskFailed', workflowId, changed)
      .then(() => RespondActivityTaskFailedResponse.encode({ failures: limited.failures }));
  },
});
