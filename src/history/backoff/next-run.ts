// What follows a run that closed: nothing, a retry, or the next time of its cron schedule. And how long a first workflow task
// waits. Called by the workflow core when a run starts or closes; history threads.

import type { Payloads, RetryPolicy } from '#proto/temporal/api/common/v1';
import { ContinueAsNewInitiator, RetryState } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import { cronBackoffMs } from '../../base/backoff/index.ts';
import type { Encoded } from '../../proto/wire.ts';
import { decideWorkflowRetry } from './retry-backoff.ts';

/** How the run closed. A timeout's failure is the StartToClose one that the caller records. */
export type RunOutcome =
  | { readonly kind: 'completed'; readonly result: Encoded<Payloads> | undefined }
  | { readonly kind: 'failed'; readonly failure: Encoded<Failure> }
  | { readonly kind: 'timedOut'; readonly failure: Encoded<Failure> };

/** What the closing run knows of itself. */
export interface ClosingRun {
  readonly nowMs: number;
  readonly startTimeMs: number;
  /** Start time plus first workflow task backoff. */
  readonly executionTimeMs: number | undefined;
  readonly executionExpirationTimeMs: number | undefined;
  readonly attempt: number;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly cronSchedule: string;
  /** `last_completion_result` of the run's started event. */
  readonly lastCompletionResult: Encoded<Payloads> | undefined;
  /** history.workflowIdReuseMinimalInterval */
  readonly minimalIntervalMs: number;
}

export interface NextRun {
  /** ContinueAsNewInitiator.RETRY or CRON_SCHEDULE */
  readonly initiator: ContinueAsNewInitiator;
  /** First workflow task backoff of the new run. */
  readonly backoffMs: number;
  readonly attempt: number;
  readonly lastCompletionResult: Encoded<Payloads> | undefined;
  readonly continuedFailure: Encoded<Failure> | undefined;
}

export interface NextRunDecision {
  /** For the failed or timed-out event; UNSPECIFIED for a completed run. */
  readonly retryState: RetryState;
  readonly next: NextRun | undefined;
}

export function decideNextRun(run: ClosingRun, outcome: RunOutcome): NextRunDecision {
  if (outcome.kind === 'completed') {
    return { retryState: RetryState.UNSPECIFIED, next: cronRun(run, outcome.result, undefined) };
  }
  const expired = run.executionExpirationTimeMs !== undefined && run.executionExpirationTimeMs <= run.nowMs;
  if (outcome.kind === 'timedOut' && expired) return { retryState: RetryState.TIMEOUT, next: undefined };
  const retry = decideWorkflowRetry(
    {
      nowMs: run.nowMs,
      attempt: run.attempt,
      policy: run.retryPolicy,
      expirationTimeMs: run.executionExpirationTimeMs,
    },
    outcome.failure,
  );
  const next =
    retry.backoffMs === undefined
      ? cronRun(run, run.lastCompletionResult, outcome.failure)
      : retryRun(run, retry.backoffMs, outcome);
  return { retryState: retry.retryState, next };
}

function cronRun(
  run: ClosingRun,
  lastCompletionResult: Encoded<Payloads> | undefined,
  continuedFailure: Encoded<Failure> | undefined,
): NextRun | undefined {
  const backoffMs = cronBackoffMs(run.cronSchedule, run.executionTimeMs ?? run.startTimeMs, run.nowMs);
  if (backoffMs === undefined) return undefined;
  return {
    initiator: ContinueAsNewInitiator.CRON_SCHEDULE,
    backoffMs: withMinimalInterval(run, backoffMs),
    attempt: 1,
    lastCompletionResult,
    continuedFailure,
  };
}

function retryRun(run: ClosingRun, backoffMs: number, outcome: Exclude<RunOutcome, { kind: 'completed' }>): NextRun {
  return {
    initiator: ContinueAsNewInitiator.RETRY,
    backoffMs: withMinimalInterval(run, backoffMs),
    attempt: run.attempt + 1,
    // As Temporal does it: only a retry after a timeout passes the last result on (respondworkflowtaskcompleted, handleRetry).
    lastCompletionResult: outcome.kind === 'timedOut' ? run.lastCompletionResult : undefined,
    continuedFailure: outcome.failure,
  };
}

/**
 * Runs of one workflow follow each other no faster than the minimal interval, so that one that continues as new at once does
 * not spin. Also for the backoff of a continue-as-new command (`backoffMs` undefined when it has none).
 */
export function withMinimalInterval(
  run: Pick<ClosingRun, 'nowMs' | 'startTimeMs' | 'executionTimeMs' | 'minimalIntervalMs'>,
  backoffMs: number | undefined,
): number {
  const lifetimeMs = run.nowMs - (run.executionTimeMs ?? run.startTimeMs);
  const enough = lifetimeMs + (backoffMs ?? 0) >= run.minimalIntervalMs;
  return enough ? (backoffMs ?? 0) : run.minimalIntervalMs - lifetimeMs;
}

/** The wait of a run that a client or a parent starts: its start delay, else the time to its first cron time, else none. */
export function firstWorkflowTaskBackoffMs(
  cronSchedule: string,
  startDelayMs: number | undefined,
  nowMs: number,
): number {
  if (startDelayMs !== undefined && startDelayMs > 0) return startDelayMs;
  return Math.max(0, cronBackoffMs(cronSchedule, nowMs, nowMs) ?? 0);
}
