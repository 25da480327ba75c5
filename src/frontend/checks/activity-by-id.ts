// The ids of the ...ById calls. Main loop.

import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { ENABLE_STANDALONE_ACTIVITIES } from '../settings.ts';
import { workflowIdNotSet } from './execution.ts';
import { checkIdentity } from './text-length.ts';

export interface ActivityByIdRequest {
  /** '' for an activity without a workflow. */
  readonly workflowId: string;
  readonly activityId: string;
  readonly identity: string;
}

/** Answers what the call's shard is found by. */
export function checkActivityById(call: RpcCall, request: ActivityByIdRequest): string {
  if (request.activityId === '') throw invalidArgument('ActivityId is not set on request.');
  // A heartbeat's identity is not stored and not limited.
  if (call.rpc.method !== 'RecordActivityTaskHeartbeatById') checkIdentity(call, request.identity);
  if (request.workflowId === '' && !call.setting(ENABLE_STANDALONE_ACTIVITIES)) throw workflowIdNotSet();
  return request.workflowId || request.activityId;
}
