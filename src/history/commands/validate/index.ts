export { validateCancelTimer } from './cancel-timer.ts';
export { validateCancelWorkflowExecution } from './cancel-workflow-execution.ts';
export type { CommandContext, CommandedWorkflow, CommandLimits, SearchAttributeRules } from './command-context.ts';
export { blame, CommandError } from './command-error.ts';
export { validateCommandSequence } from './command-sequence.ts';
export { validateCompleteWorkflowExecution } from './complete-workflow-execution.ts';
export {
  type ContinueAsNewAttributes,
  validateContinueAsNewWorkflowExecution,
} from './continue-as-new-workflow-execution.ts';
export { checkCrossNamespace } from './cross-namespace.ts';
export { validateFailWorkflowExecution } from './fail-workflow-execution.ts';
export { validateModifyWorkflowProperties } from './modify-workflow-properties.ts';
export { mergePayloadMaps, type PayloadMap, payloadMapDataBytes } from './payload-map.ts';
export { validatePriority } from './priority.ts';
export { messageTypeOf, takeMessage, validateMessageSize, validateProtocolMessage } from './protocol-message.ts';
export { validateRecordMarker } from './record-marker.ts';
export { validateRequestCancelActivityTask } from './request-cancel-activity-task.ts';
export { validateRequestCancelExternalWorkflowExecution } from './request-cancel-external-workflow-execution.ts';
export { normalizeActivitySchedule, validateScheduleActivityTask } from './schedule-activity-task.ts';
export { validateRequestCancelNexusOperation, validateScheduleNexusOperation } from './schedule-nexus-operation.ts';
export { type ValidatedSignal, validateSignalExternalWorkflowExecution } from './signal-external-workflow-execution.ts';
export { type StartChildAttributes, validateStartChildWorkflowExecution } from './start-child-workflow-execution.ts';
export { validateStartTimer } from './start-timer.ts';
export { normalizeTaskQueue } from './task-queue.ts';
export { validateUpsertWorkflowSearchAttributes } from './upsert-workflow-search-attributes.ts';
export { isUuid } from './uuid.ts';
export {
  activityNotCancellable,
  duplicateActivityId,
  duplicateTimerId,
  timerNotCancellable,
  unhandledCommand,
} from './workflow-state-errors.ts';
export {
  effectiveRunTimeout,
  effectiveWorkflowTaskTimeout,
  MAX_WORKFLOW_TASK_TIMEOUT_MS,
} from './workflow-timeouts.ts';
