// DescribeActivityExecution: at once, or a long poll for the next change. Main loop.

import { DescribeActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { checkActivityId, checkRunId, checkStandaloneActivitiesEnabled } from '../checks/activity-execution.ts';
import { ACTIVITY_LONG_POLL } from '../quotas/method-quotas.ts';
import { workflowRpc } from '../rpc.ts';
import { LONG_POLL_TIMEOUT_MS } from './poll-activity-execution.ts';

export const describeActivityExecution = workflowRpc({
  method: 'DescribeActivityExecution',
  read: DescribeActivityExecutionRequest.decode,
  quotaMethod: ({ longPollToken }) => (longPollToken.length === 0 ? 'DescribeActivityExecution' : ACTIVITY_LONG_POLL),
  waits: ({ longPollToken }) => longPollToken.length !== 0,
  handle: (request, call) => {
    checkStandaloneActivitiesEnabled(call);
    const { activityId, runId, longPollToken } = request;
    checkActivityId(call, activityId);
    if (longPollToken.length === 0) {
      checkRunId(runId);
      return call.toHistory('DescribeActivityExecution', activityId);
    }
    if (runId === '') throw invalidArgument('run id is required when long poll token is provided');
    checkRunId(runId);
    return call.toHistoryWaiting('DescribeActivityExecution', activityId, undefined, LONG_POLL_TIMEOUT_MS);
  },
});
