export { type ActivityAtReset, planActivityAtReset, resetFailure } from './inflight-activities.ts';
export {
  continuedAsRunId,
  isKnownAttachment,
  planReapply,
  type Reapplied,
  type ReapplyExclusions,
  reapplyExclusions,
  takesChildEvent,
} from './reapply.ts';
export {
  checkBatchBoundary,
  checkRebuiltRun,
  IDENTITY_HISTORY_SERVICE,
  IDENTITY_RESETTER,
  type RebuiltRun,
  resolveResetPoint,
  startRequestId,
  validatePostResetOperations,
} from './reset-point.ts';
