// AdminService.RebuildMutableState. Main loop.

import { RebuildMutableStateRequest } from '#proto/temporal/server/api/adminservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';

export const rebuildMutableState = adminRpc({
  method: 'RebuildMutableState',
  namespaceRule: 'required',
  read: RebuildMutableStateRequest.decode,
  handle: (request, call) => call.toHistory('RebuildMutableState', checkExecution(request.execution).workflowId),
});
