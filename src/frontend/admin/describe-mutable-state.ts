// AdminService.DescribeMutableState. Main loop.

import { DescribeMutableStateRequest } from '#proto/temporal/server/api/adminservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';

export const describeMutableState = adminRpc({
  method: 'DescribeMutableState',
  namespaceRule: 'required',
  read: DescribeMutableStateRequest.decode,
  handle: (request, call) => call.toHistory('DescribeMutableState', checkExecution(request.execution).workflowId),
});
