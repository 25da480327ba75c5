// ResetActivity. Main loop.

import { ResetActivityRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkActivityTarget } from '../checks/activity-target.ts';
import { workflowRpc } from '../rpc.ts';

export const resetActivity = workflowRpc({
  method: 'ResetActivity',
  read: ResetActivityRequest.decode,
  handle: (request, call) => call.toHistory('ResetActivity', checkActivityTarget(request)),
});
