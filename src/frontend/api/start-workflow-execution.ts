// StartWorkflowExecution. Main loop.

import { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';
import { changedStart, prepareStart } from './prepare-start.ts';

export const startWorkflowExecution = workflowRpc({
  method: 'StartWorkflowExecution',
  read: StartWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    const changes = prepareStart(call, request, () => call.message);
    return call.toHistory('StartWorkflowExecution', request.workflowId, changedStart(call.message, request, changes));
  },
});
