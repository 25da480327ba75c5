// UnpauseActivity. Main loop.

import { UnpauseActivityRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkActivityTarget } from '../checks/activity-target.ts';
import { workflowRpc } from '../rpc.ts';

export const unpauseActivity = workflowRpc({
  method: 'UnpauseActivity',
  read: UnpauseActivityRequest.decode,
  handle: (request, call) => call.toHistory('UnpauseActivity', checkActivityTarget(request)),
});
