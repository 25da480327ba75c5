// What becomes of an activity whose worker sends more than the namespace allows: it fails, for a reason that says so. For the
// activity responses and heartbeats, by token and by id. Main loop.

import { TaskToken } from '#proto/ostinato/token/v1';
import { RespondActivityTaskFailedRequest } from '#proto/temporal/api/workflowservice/v1';
import { serverFailure } from '../failures.ts';
import type { RpcCall } from '../rpc-call.ts';

export interface ActivityAttempt {
  readonly taskToken: Uint8Array;
  readonly workflowId: string;
  readonly identity: string;
}

export async function failActivity(call: RpcCall, attempt: ActivityAttempt, reason: string): Promise<void> {
  const request = RespondActivityTaskFailedRequest.encode({
    taskToken: attempt.taskToken,
    failure: serverFailure(reason),
    identity: attempt.identity,
    namespace: call.namespaceName,
  });
  await call.toHistory('RespondActivityTaskFailed', attempt.workflowId, request);
}

export interface ActivityById {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/** A token that names an activity by its id, as Temporal makes them for the ...ById calls. */
export function tokenById(call: RpcCall, { workflowId, runId, activityId }: ActivityById): Uint8Array {
  return TaskToken.encode({ namespaceId: call.namespaceId, workflowId, runId, activityId, attempt: 1 });
}
