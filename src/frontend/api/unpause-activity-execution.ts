// UnpauseActivityExecution: of an activity without a workflow, or of one of a workflow. Main loop.

import { UnpauseActivityExecutionRequest, UnpauseActivityRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkJitter, checkOperatorCommand } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const unpauseActivityExecution = workflowRpc({
  method: 'UnpauseActivityExecution',
  read: UnpauseActivityExecutionRequest.decode,
  handle: (request, call) => {
    const requestId = checkOperatorCommand(call, request);
    checkJitter(request.jitter);
    const { workflowId, runId, activityId } = request;
    if (workflowId === '') {
      const changed = withFields(call.message, UnpauseActivityExecutionRequest.encode({ requestId }));
      return call.toHistory('UnpauseActivityExecution', activityId, changed);
    }
    const ofWorkflow = UnpauseActivityRequest.encode({
      namespace: request.namespace,
      execution: { workflowId, runId },
      id: activityId,
      identity: request.identity,
      jitter: request.jitter,
    });
    // The answers have the same fields.
    return call.toHistory('UnpauseActivity', workflowId, ofWorkflow);
  },
});
