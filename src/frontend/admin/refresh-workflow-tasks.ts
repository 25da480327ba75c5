// AdminService.RefreshWorkflowTasks. Main loop.

import { RefreshWorkflowTasksRequest } from '#proto/temporal/server/api/adminservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';

export const refreshWorkflowTasks = adminRpc({
  method: 'RefreshWorkflowTasks',
  namespaceRule: 'id',
  read: RefreshWorkflowTasksRequest.decode,
  handle: (request, call) => call.toHistory('RefreshWorkflowTasks', checkExecution(request.execution).workflowId),
});
