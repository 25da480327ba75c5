// RecordActivityTaskHeartbeat. Main loop.

import {
  RecordActivityTaskHeartbeatRequest,
  RecordActivityTaskHeartbeatResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { isTooLarge } from '../checks/blob-size.ts';
import { HEARTBEAT_EXCEEDS_LIMIT } from '../failures.ts';
import { workflowRpc } from '../rpc.ts';
import { failActivity } from './fail-activity.ts';

export const recordActivityTaskHeartbeat = workflowRpc({
  method: 'RecordActivityTaskHeartbeat',
  token: 'task',
  read: RecordActivityTaskHeartbeatRequest.decode,
  handle: (request, call) => {
    const { workflowId = '', runId = '' } = call.taskToken ?? {};
    if (isTooLarge(call, request.details?.length ?? 0, workflowId, runId)) {
      const { taskToken, identity } = request;
      return failActivity(call, { taskToken, workflowId, identity }, HEARTBEAT_EXCEEDS_LIMIT).then(() =>
        RecordActivityTaskHeartbeatResponse.encode({ cancelRequested: true }),
      );
    }
    return call.toHistory('RecordActivityTaskHeartbeat', workflowId);
  },
});
