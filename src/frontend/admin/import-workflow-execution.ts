// AdminService.ImportWorkflowExecution. Main loop.

import { ImportWorkflowExecutionRequest } from '#proto/temporal/server/api/adminservice/v1';
import { checkRun } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';

export const importWorkflowExecution = adminRpc({
  method: 'ImportWorkflowExecution',
  namespaceRule: 'required',
  read: ImportWorkflowExecutionRequest.decode,
  handle: (request, call) => call.toHistory('ImportWorkflowExecution', checkRun(request.execution).workflowId),
});
