export { cronBackoffMs, validateCronSchedule } from './cron-backoff.ts';
export { capDuration, durationProblem, MAX_DURATION_MS } from './duration.ts';
export {
  type ClosingRun,
  decideNextRun,
  firstWorkflowTaskBackoffMs,
  type NextRun,
  type NextRunDecision,
  type RunOutcome,
  withMinimalInterval,
} from './next-run.ts';
export {
  type ActivityRetrySituation,
  decideActivityRetry,
  decideWorkflowRetry,
  exponentialBackoffMs,
  isRetryable,
  nextRetryDelay,
  type RetryDecision,
  type RetrySituation,
} from './retry-backoff.ts';
export {
  DEFAULT_RETRY_POLICY_DEFAULTS,
  type RetryPolicyDefaults,
  TIMEOUT_ERROR_TYPE_PREFIX,
  validateRetryPolicy,
  withRetryPolicyDefaults,
} from './retry-policy.ts';
