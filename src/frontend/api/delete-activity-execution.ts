// DeleteActivityExecution. Main loop.

import { DeleteActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkActivityId, checkRunId, checkStandaloneActivitiesEnabled } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const deleteActivityExecution = workflowRpc({
  method: 'DeleteActivityExecution',
  read: DeleteActivityExecutionRequest.decode,
  handle: ({ activityId, runId }, call) => {
    checkStandaloneActivitiesEnabled(call);
    checkActivityId(call, activityId);
    checkRunId(runId);
    return call.toHistory('DeleteActivityExecution', activityId);
  },
});
