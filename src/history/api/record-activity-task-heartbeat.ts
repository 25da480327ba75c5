// An activity reports progress and hears whether it should stop.

import type { Payloads } from '#proto/temporal/api/common/v1';
import {
  RecordActivityTaskHeartbeatByIdRequest,
  RecordActivityTaskHeartbeatByIdResponse,
  RecordActivityTaskHeartbeatRequest,
  RecordActivityTaskHeartbeatResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Encoded } from '../../proto/wire.ts';
import { ActivityStage } from '../activity-execution/activity-stage.ts';
import {
  type AttemptTarget,
  attemptById,
  attemptOfToken,
  isOfActivityExecution,
  updateAttempt,
} from '../activity-execution/attempt-target.ts';
import { recordHeartbeat as heartbeatExecution } from '../activity-execution/attempts.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { recordHeartbeat } from '../workflow/activity.ts';
import { type ActivityTarget, decodeActivityToken, targetById, updateActivity } from './find-activity.ts';

export const recordActivityTaskHeartbeat: ApiHandler = async (_engine, shard, api) => {
  const request = RecordActivityTaskHeartbeatRequest.decode(api.request);
  const token = decodeActivityToken(request.taskToken);
  const flags = isOfActivityExecution(token)
    ? await heartbeatAlone(shard, api.namespaceId, attemptOfToken(token, api.namespaceId), request.details)
    : await heartbeat(shard, api.namespaceId, token, request.details, request.identity);
  return RecordActivityTaskHeartbeatResponse.encode(flags);
};

export const recordActivityTaskHeartbeatById: ApiHandler = async (_engine, shard, api) => {
  const request = RecordActivityTaskHeartbeatByIdRequest.decode(api.request);
  const target = targetById(request);
  const flags =
    request.workflowId === ''
      ? await heartbeatAlone(shard, api.namespaceId, attemptById(request), request.details)
      : await heartbeat(shard, api.namespaceId, target, request.details, request.identity);
  return RecordActivityTaskHeartbeatByIdResponse.encode(flags);
};

interface Flags {
  readonly cancelRequested: boolean;
  readonly activityPaused: boolean;
  readonly activityReset: boolean;
}

async function heartbeatAlone(
  shard: Shard,
  namespaceId: string,
  target: AttemptTarget,
  details: Encoded<Payloads> | undefined,
): Promise<Flags> {
  return updateAttempt(shard, namespaceId, target, (execution) => {
    heartbeatExecution(execution, details);
    const { stage } = execution.state;
    return {
      cancelRequested: stage === ActivityStage.CANCEL_REQUESTED,
      activityPaused: stage === ActivityStage.PAUSE_REQUESTED,
      activityReset: stage === ActivityStage.RESET_REQUESTED,
    };
  });
}

async function heartbeat(
  shard: Shard,
  namespaceId: string,
  target: ActivityTarget,
  details: Encoded<Payloads> | undefined,
  identity: string,
): Promise<Flags> {
  return updateActivity(shard, namespaceId, target, (workflow, activity) => {
    recordHeartbeat(workflow, activity, details, identity);
    return {
      cancelRequested: activity.cancelRequested,
      activityPaused: activity.paused,
      activityReset: activity.activityReset,
    };
  });
}
