// ResetStickyTaskQueue. Main loop.

import { ResetStickyTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { workflowRpc } from '../rpc.ts';

export const resetStickyTaskQueue = workflowRpc({
  method: 'ResetStickyTaskQueue',
  read: ResetStickyTaskQueueRequest.decode,
  handle: (request, call) => call.toHistory('ResetStickyTaskQueue', checkExecution(request.execution).workflowId),
});
