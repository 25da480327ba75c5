// AdminService.GetWorkflowExecutionRawHistoryV2: a range of a run's history, both ends exclusive. Main loop.

import { GetWorkflowExecutionRawHistoryV2Request } from '#proto/temporal/server/api/adminservice/v1';
import { checkRun } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';

export const getWorkflowExecutionRawHistoryV2 = adminRpc({
  method: 'GetWorkflowExecutionRawHistoryV2',
  namespaceRule: 'id',
  read: GetWorkflowExecutionRawHistoryV2Request.decode,
  handle: (request, call) => call.toHistory('GetWorkflowExecutionRawHistoryV2', checkRun(request.execution).workflowId),
});
