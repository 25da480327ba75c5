// ResetActivityExecution: of an activity without a workflow, or of one of a workflow. Main loop.

import { ResetActivityExecutionRequest, ResetActivityRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkJitter, checkOperatorCommand } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const resetActivityExecution = workflowRpc({
  method: 'ResetActivityExecution',
  read: ResetActivityExecutionRequest.decode,
  handle: (request, call) => {
    const requestId = checkOperatorCommand(call, request);
    checkJitter(request.jitter);
    const { workflowId, runId, activityId } = request;
    if (workflowId === '') {
      const changed = withFields(call.message, ResetActivityExecutionRequest.encode({ requestId }));
      return call.toHistory('ResetActivityExecution', activityId, changed);
    }
    const ofWorkflow = ResetActivityRequest.encode({
      namespace: request.namespace,
      execution: { workflowId, runId },
      id: activityId,
      identity: request.identity,
      resetHeartbeat: request.resetHeartbeat,
      restoreOriginalOptions: request.restoreOriginalOptions,
      keepPaused: request.keepPaused,
      jitter: request.jitter,
    });
    // The answers have the same fields.
    return call.toHistory('ResetActivity', workflowId, ofWorkflow);
  },
});
