// DeleteWorkflowExecution. Main loop.

import { DeleteWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { workflowRpc } from '../rpc.ts';

export const deleteWorkflowExecution = workflowRpc({
  method: 'DeleteWorkflowExecution',
  read: DeleteWorkflowExecutionRequest.decode,
  handle: (request, call) =>
    call.toHistory('DeleteWorkflowExecution', checkExecution(request.workflowExecution).workflowId),
});
