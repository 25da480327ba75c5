// RecordActivityTaskHeartbeat. Main loop.

import {
  RecordActivityTaskHeartbeatRequest,
  RecordActivityTaskHeartbeatResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { checkTokenOwner } from '../checks/activity-execution.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { HEARTBEAT_EXCEEDS_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity } from './fail-activity.ts';

export const recordActivityTaskHeartbeat = workflowRpc({
  method: 'RecordActivityTaskHeartbeat',
  token: 'task',
  read: RecordActivityTaskHeartbeatRequest.decode,
  handle: (request, call) => {
    const ownerId = checkTokenOwner(call, call.taskToken);
    const runId = call.taskToken?.runId ?? '';
    if (isTooLarge(call, request.details?.length ?? 0, ownerId, runId)) {
      const { taskToken, identity } = request;
      return failActivity(call, { taskToken, ownerId, identity }, HEARTBEAT_EXCEEDS_LIMIT).then(() =>
        RecordActivityTaskHeartbeatResponse.encode({ cancelRequested: true }),
      );
    }
    return call.toHistory('RecordActivityTaskHeartbeat', ownerId);
  },
});
