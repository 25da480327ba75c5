// The deadline that a poll must bring (common.ValidateLongPollContextTimeout, v1.31). Main loop.

import { failedPrecondition, invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';

/** A poll with less time cannot be told from a mistake (common/constants.go MinLongPollTimeout). */
const MIN_POLL_TIMEOUT_MS = 2000;

export function checkPollDeadline(call: RpcCall): void {
  const remainingMs = call.remainingMs();
  if (remainingMs === Number.POSITIVE_INFINITY) throw invalidArgument('Context timeout is not set.');
  if (remainingMs < MIN_POLL_TIMEOUT_MS) throw failedPrecondition('Context timeout is too short.');
}
