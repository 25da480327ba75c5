// TerminateActivityExecution. Main loop.

import { TerminateActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
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

export const terminateActivityExecution = workflowRpc({
  method: 'TerminateActivityExecution',
  read: TerminateActivityExecutionRequest.decode,
  handle: (request, call) => {
    checkStandaloneActivitiesEnabled(call);
    checkActivityId(call, request.activityId);
    const requestId = checkRequestId(call, request.requestId);
    checkLength(call, 'identity', request.identity);
    checkRunId(request.runId);
    checkReason(call, request.reason);
    const changed = withFields(call.message, TerminateActivityExecutionRequest.encode({ requestId }));
    return call.toHistory('TerminateActivityExecution', request.activityId, changed);
  },
});
