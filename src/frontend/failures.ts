// Failures that the frontend puts in the place of payloads that are too large (common/failure, common/util.go, v1.31). Main loop.

import { Failure } from '#proto/temporal/api/failure/v1';
import { truncateFailure } from '../base/truncate-failure.ts';
import type { Encoded } from '../proto/wire.ts';

export const COMPLETE_RESULT_EXCEEDS_LIMIT = 'Complete result exceeds size limit.';
export const FAILURE_EXCEEDS_LIMIT = 'Failure exceeds size limit.';
export const CANCEL_DETAILS_EXCEED_LIMIT = 'Cancel details exceed size limit.';
export const HEARTBEAT_EXCEEDS_LIMIT = 'Heartbeat details exceed size limit.';

/** A failure of the server's making that is not retried. */
export function serverFailure(message: string, cause?: Encoded<Failure>): Encoded<Failure> {
  return Failure.encode({ message, cause, serverFailureInfo: { nonRetryable: true } });
}

/** What says a failure is too large, with as much of it as fits into `maxBytes` as its cause. */
export function failureTooLarge(failure: Encoded<Failure>, maxBytes: number): Encoded<Failure> {
  return serverFailure(FAILURE_EXCEEDS_LIMIT, truncateFailure(failure, maxBytes));
}
