// TerminateWorkflowExecution. Main loop.

import { TerminateWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkExecution } from '../checks/execution.ts';
import { checkLinks } from '../checks/links.ts';
import { workflowRpc } from '../rpc.ts';

// They tell a user's termination from the server's own.
const DEFAULT_REASON = 'terminated by user via frontend';
const DEFAULT_IDENTITY = 'frontend-service';

export const terminateWorkflowExecution = workflowRpc({
  method: 'TerminateWorkflowExecution',
  read: TerminateWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    const { workflowId } = checkExecution(request.workflowExecution);
    checkLinks(call, request.links);
    const fields = TerminateWorkflowExecutionRequest.encode({
      reason: request.reason === '' ? DEFAULT_REASON : undefined,
      identity: request.identity === '' ? DEFAULT_IDENTITY : undefined,
    });
    return call.toHistory('TerminateWorkflowExecution', workflowId, withFields(call.message, fields));
  },
});
