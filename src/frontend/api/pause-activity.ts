// PauseActivity. Main loop.

import { PauseActivityRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkActivityTarget } from '../checks/activity-target.ts';
import { workflowRpc } from '../rpc.ts';

export const pauseActivity = workflowRpc({
  method: 'PauseActivity',
  read: PauseActivityRequest.decode,
  handle: (request, call) => call.toHistory('PauseActivity', checkActivityTarget(request)),
});
