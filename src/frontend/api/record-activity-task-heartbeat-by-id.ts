// RecordActivityTaskHeartbeatById. Main loop.

import {
  RecordActivityTaskHeartbeatByIdRequest,
  RecordActivityTaskHeartbeatByIdResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkActivityById } from '../checks/activity-by-id.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { HEARTBEAT_EXCEEDS_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity, tokenById } from './fail-activity.ts';

export const recordActivityTaskHeartbeatById = workflowRpc({
  method: 'RecordActivityTaskHeartbeatById',
  read: RecordActivityTaskHeartbeatByIdRequest.decode,
  handle: (request, call) => {
    const ownerId = checkActivityById(call, request);
    const { runId, identity } = request;
    if (isTooLarge(call, request.details?.length ?? 0, ownerId, runId)) {
      const taskToken = tokenById(call, request);
      return failActivity(call, { taskToken, ownerId, identity }, HEARTBEAT_EXCEEDS_LIMIT).then(() =>
        RecordActivityTaskHeartbeatByIdResponse.encode({ cancelRequested: true }),
      );
    }
    return call.toHistory('RecordActivityTaskHeartbeatById', ownerId);
  },
});
