import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { ContinueAsNewInitiator, RetryState } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { type ClosingRun, decideNextRun, firstWorkflowTaskBackoffMs, withMinimalInterval } from './next-run.ts';

const HOUR = 3_600_000;
const payloads = (text: string) => Payloads.encode({ payloads: [Payload.encode({ data: Buffer.from(text) })] });
const start = Date.parse('2024-05-01T10:00:00Z');
const run: ClosingRun = {
  nowMs: start + 60_000,
  startTimeMs: start,
  executionTimeMs: undefined,
  executionExpirationTimeMs: undefined,
  attempt: 3,
  retryPolicy: undefined,
  cronSchedule: '',
  lastCompletionResult: payloads('old'),
  minimalIntervalMs: 1000,
};
const retryPolicy = {
  initialInterval: 1000,
  backoffCoefficient: 2,
  maximumInterval: 100_000,
  maximumAttempts: 0,
  nonRetryableErrorTypes: ['Final'],
};
const failed = { kind: 'failed', failure: Failure.encode({ applicationFailureInfo: { type: 'Any' } }) } as const;
const final = { kind: 'failed', failure: Failure.encode({ applicationFailureInfo: { type: 'Final' } }) } as const;
const timedOut = { kind: 'timedOut', failure: Failure.encode({ timeoutFailureInfo: { timeoutType: 1 } }) } as const;
const result = payloads('new');

describe('decideNextRun', () => {
  it('a completed run without cron is the last', () => {
    assert.equal(decideNextRun({ ...run, retryPolicy }, { kind: 'completed', result }).next, undefined);
  });

  it('a completed cron run hands its result to the next time', () => {
    assert.deepEqual(decideNextRun({ ...run, cronSchedule: '0 * * * *' }, { kind: 'completed', result }).next, {
      initiator: ContinueAsNewInitiator.CRON_SCHEDULE,
      backoffMs: 59 * 60_000,
      attempt: 1,
      lastCompletionResult: result,
      continuedFailure: undefined,
    });
  });

  it('a failed run is retried before its cron schedule is asked', () => {
    const { retryState, next } = decideNextRun({ ...run, retryPolicy, cronSchedule: '0 * * * *' }, failed);
    assert.equal(retryState, RetryState.IN_PROGRESS);
    assert.deepEqual(next, {
      initiator: ContinueAsNewInitiator.RETRY,
      backoffMs: 4000,
      attempt: 4,
      lastCompletionResult: undefined,
      continuedFailure: failed.failure,
    });
  });

  it('a failed cron run that is not retried goes on with the result before it', () => {
    const { retryState, next } = decideNextRun({ ...run, retryPolicy, cronSchedule: '0 * * * *' }, final);
    assert.equal(retryState, RetryState.NON_RETRYABLE_FAILURE);
    assert.equal(next?.initiator, ContinueAsNewInitiator.CRON_SCHEDULE);
    assert.equal(next.attempt, 1);
    assert.equal(next.lastCompletionResult, run.lastCompletionResult);
    assert.equal(next.continuedFailure, final.failure);
  });

  it('a failed run without policy or cron is the last', () => {
    assert.deepEqual(decideNextRun(run, failed), { retryState: RetryState.RETRY_POLICY_NOT_SET, next: undefined });
  });

  it('a timed-out run is retried and keeps the last result', () => {
    const { retryState, next } = decideNextRun({ ...run, retryPolicy }, timedOut);
    assert.equal(retryState, RetryState.IN_PROGRESS);
    assert.equal(next?.lastCompletionResult, run.lastCompletionResult);
  });

  it('nothing follows once the whole execution expired', () => {
    const expired = { ...run, retryPolicy, cronSchedule: '0 * * * *', executionExpirationTimeMs: run.nowMs };
    assert.deepEqual(decideNextRun(expired, timedOut), { retryState: RetryState.TIMEOUT, next: undefined });
  });

  it('cron counts from the execution time, not from the start', () => {
    const delayed = { ...run, cronSchedule: '@every 2h', executionTimeMs: start + HOUR, nowMs: start + HOUR + 1000 };
    assert.equal(decideNextRun(delayed, { kind: 'completed', result }).next?.backoffMs, 2 * HOUR - 1000);
  });
});

describe('withMinimalInterval', () => {
  it('holds back a run that follows too fast', () => {
    assert.equal(withMinimalInterval({ ...run, nowMs: start + 300 }, undefined), 700);
    assert.equal(withMinimalInterval({ ...run, nowMs: start + 300 }, 200), 700);
    assert.equal(withMinimalInterval({ ...run, nowMs: start + 300 }, 700), 700);
    assert.equal(withMinimalInterval({ ...run, nowMs: start + 1000 }, undefined), 0);
  });
});

describe('firstWorkflowTaskBackoffMs', () => {
  it('is the start delay, else the first cron time, else none', () => {
    assert.equal(firstWorkflowTaskBackoffMs('', undefined, start), 0);
    assert.equal(firstWorkflowTaskBackoffMs('', 5000, start), 5000);
    assert.equal(firstWorkflowTaskBackoffMs('30 * * * *', 0, start), HOUR / 2);
    assert.equal(firstWorkflowTaskBackoffMs('0 0 31 2 *', 0, start), 0);
  });
});
