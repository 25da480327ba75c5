// UpdateActivityOptions. Main loop.

import { UpdateActivityOptionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkActivityTarget } from '../checks/activity-target.ts';
import { checkPriority } from '../checks/priority.ts';
import { workflowRpc } from '../rpc.ts';

export const updateActivityOptions = workflowRpc({
  method: 'UpdateActivityOptions',
  read: UpdateActivityOptionsRequest.decode,
  handle: (request, call) => {
    const workflowId = checkActivityTarget(request);
    checkPriority(request.activityOptions?.priority);
    return call.toHistory('UpdateActivityOptions', workflowId);
  },
});
