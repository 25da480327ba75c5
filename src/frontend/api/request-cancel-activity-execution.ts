// RequestCancelActivityExecution. Main loop.

import { RequestCancelActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import {
  checkActivityId,
  checkLength,
  checkReason,
  checkRequestId,
  checkRunId,
  checkStandaloneActivitiesEnabled,
} from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const requestCancelActivityExecution = workflowRpc({
  method: 'RequestCancelActivityExecution',
  read: RequestCancelActivityExecutionRequest.decode,
  handle: (request, call) => {
    checkStandaloneActivitiesEnabled(call);
    checkActivityId(call, request.activityId);
    const requestId = checkRequestId(call, request.requestId);
    checkLength(call, 'identity', request.identity);
    checkRunId(request.runId);
    checkReason(call, request.reason);
    const changed = withFields(call.message, RequestCancelActivityExecutionRequest.encode({ requestId }));
    return call.toHistory('RequestCancelActivityExecution', request.activityId, changed);
  },
});
