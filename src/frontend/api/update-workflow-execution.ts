// UpdateWorkflowExecution: waits until the update reached the wanted stage. Main loop.

import { UpdateWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { workflowRpc } from '../rpc.ts';
import { prepareUpdate } from './prepare-update.ts';

export const updateWorkflowExecution = workflowRpc({
  method: 'UpdateWorkflowExecution',
  read: UpdateWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    const { execution, changes } = prepareUpdate(call, request);
    const changed = withFields(call.message, UpdateWorkflowExecutionRequest.encode(changes));
    return call.toHistoryWaiting('UpdateWorkflowExecution', execution.workflowId, changed);
  },
});
