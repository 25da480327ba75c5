// RequestCancelWorkflowExecution. Main loop.

import { RequestCancelWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { checkLinks } from '../checks/links.ts';
import { workflowRpc } from '../rpc.ts';

export const requestCancelWorkflowExecution = workflowRpc({
  method: 'RequestCancelWorkflowExecution',
  read: RequestCancelWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    const { workflowId } = checkExecution(request.workflowExecution);
    checkLinks(call, request.links);
    return call.toHistory('RequestCancelWorkflowExecution', workflowId);
  },
});
