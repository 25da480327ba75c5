// AdminService.GetWorkflowExecutionRawHistory: a range of a run's history, both ends inclusive. Main loop.

import { GetWorkflowExecutionRawHistoryRequest } from '#proto/temporal/server/api/adminservice/v1';
import { checkRun } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';

export const getWorkflowExecutionRawHistory = adminRpc({
  method: 'GetWorkflowExecutionRawHistory',
  namespaceRule: 'id',
  read: GetWorkflowExecutionRawHistoryRequest.decode,
  handle: (request, call) => call.toHistory('GetWorkflowExecutionRawHistory', checkRun(request.execution).workflowId),
});
