// Failures and last heartbeats of failed activities that are larger than the namespace allows: the heartbeat is dropped, the failure
// cut, and the worker told. Main loop.

import type { Payloads } from '#proto/temporal/api/common/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type { Encoded } from '../../proto/wire.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { failureTooLarge, HEARTBEAT_EXCEEDS_LIMIT, serverFailure } from '../failures.ts';
import type { RpcCall } from '../rpc-call.ts';
import { BLOB_SIZE_WARN } from '../settings.ts';

interface FailureFields {
  readonly failure: Encoded<Failure> | undefined;
  readonly lastHeartbeatDetails: Encoded<Payloads> | undefined;
}

export interface LimitedFailure {
  /** What goes to history in place of what came. */
  readonly fields: FailureFields;
  /** What the worker is answered. */
  readonly failures: readonly Encoded<Failure>[];
}

/** Undefined when nothing is too large. */
export function limitActivityFailure(
  call: RpcCall,
  { failure, lastHeartbeatDetails }: FailureFields,
  workflowId: string,
  runId: string,
): LimitedFailure | undefined {
  const failures: Encoded<Failure>[] = [];
  let fields: FailureFields = { failure, lastHeartbeatDetails };
  if (lastHeartbeatDetails !== undefined && isTooLarge(call, lastHeartbeatDetails.length, workflowId, runId)) {
    failures.push(serverFailure(HEARTBEAT_EXCEEDS_LIMIT));
    fields = { ...fields, lastHeartbeatDetails: undefined };
  }
  if (failure !== undefined && isTooLarge(call, failure.length, workflowId, runId)) {
    const cut = failureTooLarge(failure, call.setting(BLOB_SIZE_WARN));
    failures.push(cut);
    fields = { ...fields, failure: cut };
  }
  return failures.length === 0 ? undefined : { fields, failures };
}
