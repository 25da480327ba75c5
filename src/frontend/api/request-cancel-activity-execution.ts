// RequestCancelActivityExecution. Main loop.

import { RequestCancelActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkEnding } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const requestCancelActivityExecution = workflowRpc({
  method: 'RequestCancelActivityExecution',
  read: RequestCancelActivityExecutionRequest.decode,
  handle: (request, call) => {
    const requestId = checkEnding(call, request);
    const changed = withFields(call.message, RequestCancelActivityExecutionRequest.encode({ requestId }));
    return call.toHistory('RequestCancelActivityExecution', request.activityId, changed);
  },
});
