// Retry policies as users give them: defaults and validity. Called at start of workflows and for commands; any thread.

import type { RetryPolicy } from '#proto/temporal/api/common/v1';
import { TimeoutType, TimeoutTypeNames } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { capDuration, durationProblem } from './duration.ts';

/** Non-retryable error types may name timeouts: `TemporalTimeout:StartToClose`. Source: common/retrypolicy, v1.31.2. */
export const TIMEOUT_ERROR_TYPE_PREFIX = 'TemporalTimeout:';

export interface RetryPolicyDefaults {
  readonly initialIntervalMs: number;
  /** Maximum interval over initial interval; Temporal uses its whole part. */
  readonly maximumIntervalCoefficient: number;
  readonly backoffCoefficient: number;
  /** 0: no limit */
  readonly maximumAttempts: number;
}

/** Source: common/retrypolicy/retry_policy.go, v1.31.2. */
export const DEFAULT_RETRY_POLICY_DEFAULTS: RetryPolicyDefaults = {
  initialIntervalMs: 1000,
  maximumIntervalCoefficient: 100,
  backoffCoefficient: 2,
  maximumAttempts: 0,
};

export function withRetryPolicyDefaults(policy: RetryPolicy, defaults: RetryPolicyDefaults): RetryPolicy {
  const initialInterval = policy.initialInterval || defaults.initialIntervalMs;
  return {
    initialInterval,
    backoffCoefficient: policy.backoffCoefficient || defaults.backoffCoefficient,
    maximumInterval: policy.maximumInterval || Math.trunc(defaults.maximumIntervalCoefficient) * initialInterval,
    maximumAttempts: policy.maximumAttempts || defaults.maximumAttempts,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes,
  };
}

/** Returns the policy with its intervals capped, or throws INVALID_ARGUMENT. */
export function validateRetryPolicy(policy: RetryPolicy): RetryPolicy {
  if (policy.maximumAttempts === 1) return policy; // never used, so never wrong
  const initialProblem = durationProblem(policy.initialInterval);
  if (initialProblem) throw invalidArgument(`invalid InitialInterval set on retry policy: ${initialProblem}`);
  // Differs: NaN is refused too; it would make every backoff zero.
  if (!(policy.backoffCoefficient >= 1)) {
    throw invalidArgument('BackoffCoefficient cannot be less than 1 on retry policy.');
  }
  const maximumProblem = durationProblem(policy.maximumInterval);
  if (maximumProblem) throw invalidArgument(`invalid MaximumInterval set on retry policy: ${maximumProblem}`);
  const capped = {
    ...policy,
    initialInterval: capDuration(policy.initialInterval),
    maximumInterval: capDuration(policy.maximumInterval),
  };
  const { initialInterval = 0, maximumInterval = 0 } = capped;
  if (maximumInterval > 0 && maximumInterval < initialInterval) {
    throw invalidArgument('MaximumInterval cannot be less than InitialInterval on retry policy.');
  }
  if (policy.maximumAttempts < 0) throw invalidArgument('MaximumAttempts cannot be negative on retry policy.');
  for (const type of policy.nonRetryableErrorTypes) checkTimeoutErrorType(type);
  return capped;
}

function checkTimeoutErrorType(type: string): void {
  if (!type.startsWith(TIMEOUT_ERROR_TYPE_PREFIX)) return;
  const timeoutName = type.slice(TIMEOUT_ERROR_TYPE_PREFIX.length);
  for (const [key, value] of Object.entries(TimeoutType)) {
    const known = timeoutName === `TIMEOUT_TYPE_${key}` || timeoutName === TimeoutTypeNames.get(value);
    if (known && value !== TimeoutType.UNSPECIFIED) return;
  }
  throw invalidArgument(`Invalid timeout type value: ${timeoutName}.`);
}
