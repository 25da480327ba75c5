// UnpauseWorkflowExecution. Main loop.

import { UnpauseWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkIdLength } from '../checks/text-length.ts';
import { workflowRpc } from '../rpc.ts';

export const unpauseWorkflowExecution = workflowRpc({
  method: 'UnpauseWorkflowExecution',
  read: UnpauseWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    checkIdLength(call, request.reason, 'reason is too long.');
    checkIdLength(call, request.requestId, 'request id is too long.');
    checkIdLength(call, request.identity, 'identity is too long.');
    return call.toHistory('UnpauseWorkflowExecution', request.workflowId);
  },
});
