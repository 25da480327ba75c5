// The ids of the ...ById calls. Main loop.

import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { workflowIdNotSet } from './execution.ts';
import { checkIdentity } from './text-length.ts';

export interface ActivityByIdRequest {
  readonly workflowId: string;
  readonly activityId: string;
  readonly identity: string;
}

export function checkActivityById(call: RpcCall, request: ActivityByIdRequest): void {
  if (request.activityId === '') throw invalidArgument('ActivityId is not set on request.');
  // A heartbeat's identity is not stored and not limited.
  if (call.rpc.method !== 'RecordActivityTaskHeartbeatById') checkIdentity(call, request.identity);
  // Without a workflow it would be a standalone activity, which are off by default.
  if (request.workflowId === '') throw workflowIdNotSet();
}
