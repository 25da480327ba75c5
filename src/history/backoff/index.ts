export * from '../../base/backoff/index.ts';
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
