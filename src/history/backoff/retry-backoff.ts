// Whether a failed attempt is tried again, and after how long. Called when an activity attempt or a workflow run fails;
// history threads.

import type { RetryPolicy } from '#proto/temporal/api/common/v1';
import { RetryState, TimeoutType, TimeoutTypeNames } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { TIMEOUT_ERROR_TYPE_PREFIX } from '../../base/backoff/index.ts';
import type { Encoded } from '../../proto/wire.ts';

/** Go keeps a duration in 64 bits of nanoseconds; past it Temporal's exponential backoff counts as none. */
const MAX_BACKOFF_MS = 2 ** 63 / 1e6;

/** `backoffMs` is set if and only if the state is IN_PROGRESS. */
export interface RetryDecision {
  readonly retryState: RetryState;
  readonly backoffMs: number | undefined;
}

export interface RetrySituation {
  readonly nowMs: number;
  /** The attempt that failed; the first is 1. */
  readonly attempt: number;
  readonly policy: RetryPolicy | undefined;
  /** No attempt begins later than this. */
  readonly expirationTimeMs: number | undefined;
}

/** A workflow run failed or timed out: an application's own delay is held below the policy's maximum interval. */
export function decideWorkflowRetry(situation: RetrySituation, failure: Encoded<Failure> | undefined): RetryDecision {
  const { policy } = situation;
  if (policy === undefined) return stop(RetryState.RETRY_POLICY_NOT_SET);
  const decoded = failure && Failure.decode(failure);
  if (!isRetryable(decoded, policy.nonRetryableErrorTypes)) return stop(RetryState.NON_RETRYABLE_FAILURE);
  return decideInterval(situation, policy, nextRetryDelay(decoded), policy.maximumInterval ?? 0);
}

export interface ActivityRetrySituation extends RetrySituation {
  readonly cancelRequested: boolean;
  readonly paused: boolean;
}

/**
 * An activity attempt failed or timed out: an application's own delay stands above the policy's maximum interval. A paused
 * activity stays in progress with no backoff: its next attempt waits for the unpause.
 */
export function decideActivityRetry(
  situation: ActivityRetrySituation,
  failure: Encoded<Failure> | undefined,
): RetryDecision {
  const { policy } = situation;
  if (policy === undefined) return stop(RetryState.RETRY_POLICY_NOT_SET);
  if (situation.cancelRequested) return stop(RetryState.CANCEL_REQUESTED);
  const decoded = failure && Failure.decode(failure);
  const timeoutType = decoded?.timeoutFailureInfo?.timeoutType;
  // The server's own deadlines end the activity; they are no failure of an attempt.
  if (timeoutType === TimeoutType.SCHEDULE_TO_START || timeoutType === TimeoutType.SCHEDULE_TO_CLOSE) {
    return stop(RetryState.TIMEOUT);
  }
  if (!isRetryable(decoded, policy.nonRetryableErrorTypes)) return stop(RetryState.NON_RETRYABLE_FAILURE);
  if (situation.paused) return { retryState: RetryState.IN_PROGRESS, backoffMs: 0 };
  const delay = nextRetryDelay(decoded);
  return decideInterval(situation, policy, delay, delay ?? policy.maximumInterval ?? 0);
}

function decideInterval(
  { nowMs, attempt, expirationTimeMs }: RetrySituation,
  policy: RetryPolicy,
  requestedDelayMs: number | undefined,
  maximumIntervalMs: number,
): RetryDecision {
  const failedAttempt = Math.max(1, attempt);
  if (policy.maximumAttempts > 0 && failedAttempt >= policy.maximumAttempts) {
    return stop(RetryState.MAXIMUM_ATTEMPTS_REACHED);
  }
  let intervalMs = requestedDelayMs ?? exponentialBackoffMs(policy, failedAttempt);
  if (maximumIntervalMs === 0 && intervalMs <= 0) return stop(RetryState.TIMEOUT);
  if (maximumIntervalMs !== 0 && (intervalMs <= 0 || intervalMs > maximumIntervalMs)) intervalMs = maximumIntervalMs;
  if (expirationTimeMs !== undefined && nowMs + intervalMs > expirationTimeMs) return stop(RetryState.TIMEOUT);
  return { retryState: RetryState.IN_PROGRESS, backoffMs: intervalMs };
}

/** Initial interval times coefficient to the power of the attempts made; 0 when that is past what Go can hold. */
export function exponentialBackoffMs(policy: RetryPolicy, failedAttempt: number): number {
  const backoffMs = (policy.initialInterval ?? 0) * policy.backoffCoefficient ** (failedAttempt - 1);
  return backoffMs > 0 && backoffMs < MAX_BACKOFF_MS ? backoffMs : 0;
}

/** The delay an application failure asks for (`next_retry_delay`). */
export function nextRetryDelay(failure: Failure | undefined): number | undefined {
  return failure?.applicationFailureInfo?.nextRetryDelay;
}

/** Only the outermost failure counts: what failed inside a child or an activity was that one's to retry. */
export function isRetryable(failure: Failure | undefined, nonRetryableErrorTypes: readonly string[]): boolean {
  if (failure === undefined) return true;
  if (failure.terminatedFailureInfo || failure.canceledFailureInfo) return false;
  if (failure.timeoutFailureInfo) {
    const { timeoutType } = failure.timeoutFailureInfo;
    if (timeoutType !== TimeoutType.START_TO_CLOSE && timeoutType !== TimeoutType.HEARTBEAT) return false;
    return !nonRetryableErrorTypes.includes(TIMEOUT_ERROR_TYPE_PREFIX + TimeoutTypeNames.get(timeoutType));
  }
  if (failure.serverFailureInfo) return !failure.serverFailureInfo.nonRetryable;
  if (failure.applicationFailureInfo) {
    const { nonRetryable, type } = failure.applicationFailureInfo;
    return !nonRetryable && !nonRetryableErrorTypes.includes(type);
  }
  return true;
}

function stop(retryState: RetryState): RetryDecision {
  return { retryState, backoffMs: undefined };
}
