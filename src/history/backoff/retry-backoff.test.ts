import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RetryPolicy } from '#proto/temporal/api/common/v1';
import { RetryState, TimeoutType } from '#proto/temporal/api/enums/v1';
import { Failure, type FailureInit } from '#proto/temporal/api/failure/v1';
import {
  DEFAULT_RETRY_POLICY_DEFAULTS,
  validateRetryPolicy,
  withRetryPolicyDefaults,
} from '../../base/backoff/index.ts';
import { decideActivityRetry, decideWorkflowRetry, isRetryable } from './retry-backoff.ts';

const policy = (fields: Partial<RetryPolicy> = {}): RetryPolicy => ({
  initialInterval: 1000,
  backoffCoefficient: 2,
  maximumInterval: 100_000,
  maximumAttempts: 0,
  nonRetryableErrorTypes: [],
  ...fields,
});
const situation = { nowMs: 1_000_000, attempt: 1, expirationTimeMs: undefined };
const activity = { ...situation, cancelRequested: false, paused: false };
const application = (info: FailureInit['applicationFailureInfo'] = {}) =>
  Failure.encode({ message: 'boom', applicationFailureInfo: info });
const timeout = (timeoutType: number) => Failure.encode({ timeoutFailureInfo: { timeoutType } });
const decoded = (init: FailureInit) => Failure.decode(Failure.encode(init));

describe('retry backoff', () => {
  it('grows by the coefficient up to the maximum interval', () => {
    const intervals = [1, 2, 3, 7, 8, 500, 5000].map(
      (attempt) => decideWorkflowRetry({ ...situation, attempt, policy: policy() }, application()).backoffMs,
    );
    assert.deepEqual(intervals, [1000, 2000, 4000, 64_000, 100_000, 100_000, 100_000]);
  });

  it('stops at the maximum of attempts, counting the first', () => {
    const twice = policy({ maximumAttempts: 2 });
    assert.equal(decideWorkflowRetry({ ...situation, policy: twice }, undefined).backoffMs, 1000);
    assert.deepEqual(decideWorkflowRetry({ ...situation, attempt: 2, policy: twice }, undefined), {
      retryState: RetryState.MAXIMUM_ATTEMPTS_REACHED,
      backoffMs: undefined,
    });
  });

  it('does not begin an attempt past the expiration', () => {
    const at = (expirationTimeMs: number) =>
      decideWorkflowRetry({ ...situation, policy: policy(), expirationTimeMs }, undefined).retryState;
    assert.equal(at(1_001_000), RetryState.IN_PROGRESS);
    assert.equal(at(1_000_999), RetryState.TIMEOUT);
  });

  it('without a policy nothing is retried', () => {
    const none = { ...situation, policy: undefined };
    assert.equal(decideWorkflowRetry(none, application()).retryState, RetryState.RETRY_POLICY_NOT_SET);
    assert.equal(
      decideActivityRetry({ ...activity, policy: undefined }, application()).retryState,
      RetryState.RETRY_POLICY_NOT_SET,
    );
  });

  it('an overflow without maximum interval ends in a timeout', () => {
    const open = policy({ maximumInterval: 0 });
    assert.equal(
      decideWorkflowRetry({ ...situation, attempt: 500, policy: open }, undefined).retryState,
      RetryState.TIMEOUT,
    );
    assert.equal(decideWorkflowRetry({ ...situation, attempt: 20, policy: open }, undefined).backoffMs, 524_288_000);
  });

  it("an application's delay is capped for a workflow, not for an activity", () => {
    const failure = application({ nextRetryDelay: 500_000 });
    assert.equal(decideWorkflowRetry({ ...situation, policy: policy() }, failure).backoffMs, 100_000);
    assert.equal(decideActivityRetry({ ...activity, policy: policy() }, failure).backoffMs, 500_000);
    const short = application({ nextRetryDelay: 10 });
    assert.equal(decideWorkflowRetry({ ...situation, attempt: 5, policy: policy() }, short).backoffMs, 10);
  });

  it("server deadlines end an activity with the state 'timeout', attempt timeouts are retried", () => {
    const state = (type: number) => decideActivityRetry({ ...activity, policy: policy() }, timeout(type)).retryState;
    assert.equal(state(TimeoutType.SCHEDULE_TO_CLOSE), RetryState.TIMEOUT);
    assert.equal(state(TimeoutType.SCHEDULE_TO_START), RetryState.TIMEOUT);
    assert.equal(state(TimeoutType.START_TO_CLOSE), RetryState.IN_PROGRESS);
    assert.equal(state(TimeoutType.HEARTBEAT), RetryState.IN_PROGRESS);
  });

  it('a cancelled activity is not retried, a paused one waits', () => {
    const cancelled = { ...activity, cancelRequested: true, policy: policy() };
    assert.equal(decideActivityRetry(cancelled, application()).retryState, RetryState.CANCEL_REQUESTED);
    const paused = { ...activity, attempt: 9, paused: true, policy: policy({ maximumAttempts: 2 }) };
    assert.deepEqual(decideActivityRetry(paused, application()), { retryState: RetryState.IN_PROGRESS, backoffMs: 0 });
  });
});

describe('isRetryable', () => {
  const cases: [string, FailureInit, string[], boolean][] = [
    ['terminated', { terminatedFailureInfo: {} }, [], false],
    ['canceled', { canceledFailureInfo: {} }, [], false],
    ['heartbeat timeout', { timeoutFailureInfo: { timeoutType: 4 } }, ['TemporalTimeout:StartToClose'], true],
    ['named heartbeat timeout', { timeoutFailureInfo: { timeoutType: 4 } }, ['TemporalTimeout:Heartbeat'], false],
    ['unspecified timeout', { timeoutFailureInfo: {} }, [], false],
    ['server failure', { serverFailureInfo: {} }, [], true],
    ['final server failure', { serverFailureInfo: { nonRetryable: true } }, [], false],
    ['application failure', { applicationFailureInfo: { type: 'a' } }, ['b'], true],
    ['named application failure', { applicationFailureInfo: { type: 'a' } }, ['b', 'a'], false],
    ['final application failure', { applicationFailureInfo: { nonRetryable: true } }, [], false],
    [
      'final failure inside a child',
      {
        childWorkflowExecutionFailureInfo: {},
        cause: Failure.encode({ applicationFailureInfo: { nonRetryable: true } }),
      },
      [],
      true,
    ],
  ];
  for (const [name, failure, types, expected] of cases) {
    it(`${name}: ${expected}`, () => assert.equal(isRetryable(decoded(failure), types), expected));
  }
});

describe('retry policy', () => {
  const empty = { initialInterval: undefined, backoffCoefficient: 0, maximumInterval: undefined, maximumAttempts: 0 };

  it('gets what it lacks from the defaults', () => {
    assert.deepEqual(
      withRetryPolicyDefaults({ ...empty, nonRetryableErrorTypes: ['x'] }, DEFAULT_RETRY_POLICY_DEFAULTS),
      policy({ nonRetryableErrorTypes: ['x'] }),
    );
    const slow = withRetryPolicyDefaults(
      policy({ initialInterval: 2000, maximumInterval: 0 }),
      DEFAULT_RETRY_POLICY_DEFAULTS,
    );
    assert.equal(slow.maximumInterval, 200_000);
  });

  const bad: [Partial<RetryPolicy>, string][] = [
    [{ initialInterval: -1 }, 'invalid InitialInterval set on retry policy: negative duration'],
    [{ backoffCoefficient: 0.5 }, 'BackoffCoefficient cannot be less than 1 on retry policy.'],
    [{ maximumInterval: -1 }, 'invalid MaximumInterval set on retry policy: negative duration'],
    [{ maximumInterval: 10 }, 'MaximumInterval cannot be less than InitialInterval on retry policy.'],
    [{ maximumAttempts: -1 }, 'MaximumAttempts cannot be negative on retry policy.'],
    [{ nonRetryableErrorTypes: ['TemporalTimeout:Lunch'] }, 'Invalid timeout type value: Lunch.'],
    [{ nonRetryableErrorTypes: ['TemporalTimeout:Unspecified'] }, 'Invalid timeout type value: Unspecified.'],
  ];
  for (const [fields, message] of bad) {
    it(`refuses: ${message}`, () => {
      assert.throws(() => validateRetryPolicy(policy(fields)), { code: 3, message });
      assert.doesNotThrow(
        () => validateRetryPolicy(policy({ ...fields, maximumAttempts: 1 })),
        'one attempt needs no valid policy',
      );
    });
  }

  it('caps intervals at 100 years', () => {
    const year = 365 * 24 * 3_600_000;
    assert.equal(validateRetryPolicy(policy({ maximumInterval: 1000 * year })).maximumInterval, 100 * year);
  });

  it('accepts timeouts by either name', () => {
    validateRetryPolicy(policy({ nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'] }));
    validateRetryPolicy(
      policy({ nonRetryableErrorTypes: ['TemporalTimeout:TIMEOUT_TYPE_HEARTBEAT', 'TemporalError'] }),
    );
  });
});
