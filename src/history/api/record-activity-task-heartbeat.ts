// An activity reports progress and hears whether it should stop.

import type { Payloads } from '#proto/temporal/api/common/v1';
import {
  RecordActivityTaskHeartbeatByIdRequest,
  RecordActivityTaskHeartbeatByIdResponse,
  RecordActivityTaskHeartbeatRequest,
  RecordActivityTaskHeartbeatResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Encoded } from '../../proto/wire.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { recordHeartbeat } from '../workflow/activity.ts';
import { type ActivityTarget, targetById, targetOfToken, updateActivity } from './find-activity.ts';

export const recordActivityTaskHeartbeat: ApiHandler = async (_engine, shard, api) => {
  const request = RecordActivityTaskHeartbeatRequest.decode(api.request);
  const flags = await heartbeat(
    shard,
    api.namespaceId,
    targetOfToken(request.taskToken),
    request.details,
    request.identity,
  );
  return RecordActivityTaskHeartbeatResponse.encode(flags);
};

export const recordActivityTaskHeartbeatById: ApiHandler = async (_engine, shard, api) => {
  const request = RecordActivityTaskHeartbeatByIdRequest.decode(api.request);
  const flags = await heartbeat(shard, api.namespaceId, targetById(request), request.details, request.identity);
  return RecordActivityTaskHeartbeatByIdResponse.encode(flags);
};

async function heartbeat(
  shard: Shard,
  namespaceId: string,
  target: ActivityTarget,
  details: Encoded<Payloads> | undefined,
  identity: string,
): Promise<{ cancelRequested: boolean; activityPaused: boolean; activityReset: boolean }> {
  return updateActivity(shard, namespaceId, target, (workflow, activity) => {
    recordHeartbeat(workflow, activity, details, identity);
    return {
      cancelRequested: activity.cancelRequested,
      activityPaused: activity.paused,
      activityReset: activity.activityReset,
    };
  });
}
