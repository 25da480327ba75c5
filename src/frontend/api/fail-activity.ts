// What becomes of an activity whose worker sends more than the namespace allows: it fails, for a reason that says so. For the
// activity responses and heartbeats, by token and by id. Main loop.

import { ComponentRef, TaskToken } from '#proto/ostinato/token/v1';
import { RespondActivityTaskFailedRequest } from '#proto/temporal/api/workflowservice/v1';
import { serverFailure } from '../failures.ts';
import type { RpcCall } from '../rpc-call.ts';

export interface ActivityAttempt {
  readonly taskToken: Uint8Array;
  /** What its shard is found by. */
  readonly ownerId: string;
  readonly identity: string;
}

export async function failActivity(call: RpcCall, attempt: ActivityAttempt, reason: string): Promise<void> {
  const request = RespondActivityTaskFailedRequest.encode({
    taskToken: attempt.taskToken,
    failure: serverFailure(reason),
    identity: attempt.identity,
    namespace: call.namespaceName,
  });
  await call.toHistory('RespondActivityTaskFailed', attempt.ownerId, request);
}

export interface ActivityById {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/** A token that names an activity by its id, as Temporal makes them for the ...ById calls. */
export function tokenById(call: RpcCall, { workflowId, runId, activityId }: ActivityById): Uint8Array {
  const { namespaceId } = call;
  if (workflowId !== '') return TaskToken.encode({ namespaceId, workflowId, runId, activityId, attempt: 1 });
  const componentRef = ComponentRef.encode({ namespaceId, businessId: activityId, runId });
  return TaskToken.encode({ namespaceId, activityId, componentRef });
}
