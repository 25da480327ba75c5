// PollActivityExecution: waits for the outcome of an activity without a workflow. Main loop.

import { PollActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkActivityId, checkRunId, checkStandaloneActivitiesEnabled } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

/** Longer than history makes anybody wait; client/frontend DefaultLongPollTimeout, v1.32. */
export const LONG_POLL_TIMEOUT_MS = 3 * 60_000;

export const pollActivityExecution = workflowRpc({
  method: 'PollActivityExecution',
  read: PollActivityExecutionRequest.decode,
  handle: ({ activityId, runId }, call) => {
    checkStandaloneActivitiesEnabled(call);
    checkActivityId(call, activityId);
    checkRunId(runId);
    return call.toHistoryWaiting('PollActivityExecution', activityId, undefined, LONG_POLL_TIMEOUT_MS);
  },
});
