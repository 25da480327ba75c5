// RespondActivityTaskFailedById. Main loop.

import {
  RespondActivityTaskFailedByIdRequest,
  RespondActivityTaskFailedByIdResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkActivityById } from '../checks/activity-by-id.ts';
import { workflowRpc } from '../rpc.ts';
import { limitActivityFailure } from './limit-activity-failure.ts';

export const respondActivityTaskFailedById = workflowRpc({
  method: 'RespondActivityTaskFailedById',
  read: RespondActivityTaskFailedByIdRequest.decode,
  handle: (request, call) => {
    const ownerId = checkActivityById(call, request);
    const { runId } = request;
    const limited = limitActivityFailure(call, request, ownerId, runId);
    if (limited === undefined) return call.toHistory('RespondActivityTaskFailedById', ownerId);
    const changed = RespondActivityTaskFailedByIdRequest.encode({ ...request, ...limited.fields });
    return call
      .toHistory('RespondActivityTaskFailedById', ownerId, changed)
      .then(() => RespondActivityTaskFailedByIdResponse.encode({ failures: limited.failures }));
  },
});
