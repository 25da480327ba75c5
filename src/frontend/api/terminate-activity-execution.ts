// TerminateActivityExecution. Main loop.

import { TerminateActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkEnding } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const terminateActivityExecution = workflowRpc({
  method: 'TerminateActivityExecution',
  read: TerminateActivityExecutionRequest.decode,
  handle: (request, call) => {
    const requestId = checkEnding(call, request);
    const changed = withFields(call.message, TerminateActivityExecutionRequest.encode({ requestId }));
    return call.toHistory('TerminateActivityExecution', request.activityId, changed);
  },
});
