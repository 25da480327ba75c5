// What a reset does to the activities that are pending at its point. History thread.

import type { Payloads } from '#proto/temporal/api/common/v1';
import { RetryState } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import type { Encoded } from '../../proto/wire.ts';

export type ActivityAtReset =
  /** Not started: it is scheduled again, its times counted from the start of the new run. */
  | { readonly kind: 'reschedule' }
  /** Started: its worker's answer will find no such run, so it fails here. */
  | { readonly kind: 'fail'; readonly failure: Encoded<Failure>; readonly retryState: RetryState };

export function planActivityAtReset(
  activity: { readonly startedEventId: number; readonly lastHeartbeatDetails: Encoded<Payloads> | undefined },
  reason: string,
): ActivityAtReset {
  if (activity.startedEventId === 0) return { kind: 'reschedule' };
  return {
    kind: 'fail',
    failure: resetFailure(reason, activity.lastHeartbeatDetails),
    retryState: RetryState.NON_RETRYABLE_FAILURE,
  };
}

/** Also the failure of the workflow task that is pending at the reset point, there without details. */
export function resetFailure(reason: string, lastHeartbeatDetails?: Encoded<Payloads>): Encoded<Failure> {
  return Failure.encode({ message: reason, resetWorkflowFailureInfo: { lastHeartbeatDetails } });
}
