// RespondWorkflowTaskFailed. Main loop.

import { RespondWorkflowTaskFailedRequest } from '#proto/temporal/api/workflowservice/v1';
import { isTooLarge } from '../checks/blob-size.ts';
import { checkIdentity } from '../checks/text-length.ts';
import { failureTooLarge } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { BLOB_SIZE_WARN } from '../settings.ts';

export const respondWorkflowTaskFailed = workflowRpc({
  method: 'RespondWorkflowTaskFailed',
  token: 'task',
  read: RespondWorkflowTaskFailedRequest.decode,
  handle: (request, call) => {
    checkIdentity(call, request.identity);
    const { workflowId = '', runId = '' } = call.taskToken ?? {};
    const { failure } = request;
    const changed =
      failure !== undefined && isTooLarge(call, failure.length, workflowId, runId)
        ? RespondWorkflowTaskFailedRequest.encode({
            ...request,
            failure: failureTooLarge(failure, call.setting(BLOB_SIZE_WARN)),
          })
        : call.message;
    return call.toHistory('RespondWorkflowTaskFailed', workflowId, changed);
  },
});
