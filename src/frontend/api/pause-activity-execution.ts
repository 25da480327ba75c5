// PauseActivityExecution: of an activity without a workflow, or of one of a workflow. Main loop.

import { PauseActivityExecutionRequest, PauseActivityRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkOperatorCommand, checkReason } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const pauseActivityExecution = workflowRpc({
  method: 'PauseActivityExecution',
  read: PauseActivityExecutionRequest.decode,
  handle: (request, call) => {
    const requestId = checkOperatorCommand(call, request);
    checkReason(call, request.reason);
    const { workflowId, runId, activityId } = request;
    if (workflowId === '') {
      const changed = withFields(call.message, PauseActivityExecutionRequest.encode({ requestId }));
      return call.toHistory('PauseActivityExecution', activityId, changed);
    }
    const ofWorkflow = PauseActivityRequest.encode({
      namespace: request.namespace,
      execution: { workflowId, runId },
      id: activityId,
      identity: request.identity,
      reason: request.reason,
      requestId,
    });
    // The answers have the same fields.
    return call.toHistory('PauseActivity', workflowId, ofWorkflow);
  },
});
