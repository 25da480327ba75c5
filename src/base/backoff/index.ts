// Durations, cron schedules and retry policies as users give them: one set of rules for the frontend, which refuses requests, and
// for history, which refuses commands and computes what follows. Any thread.

export { cronBackoffMs, validateCronSchedule } from './cron-backoff.ts';
export { capDuration, durationProblem, MAX_DURATION_MS } from './duration.ts';
export {
  DEFAULT_RETRY_POLICY_DEFAULTS,
  type RetryPolicyDefaults,
  TIMEOUT_ERROR_TYPE_PREFIX,
  validateRetryPolicy,
  withRetryPolicyDefaults,
} from './retry-policy.ts';
