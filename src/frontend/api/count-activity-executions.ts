// CountActivityExecutions. Main loop.

import { CountActivityExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkStandaloneActivitiesEnabled } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';

export const countActivityExecutions = workflowRpc({
  method: 'CountActivityExecutions',
  read: CountActivityExecutionsRequest.decode,
  handle: (_request, call) => {
    checkStandaloneActivitiesEnabled(call);
    return call.toWorker('CountActivityExecutions');
  },
});
