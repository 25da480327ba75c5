export {
  childWorkflowExecutionClosed,
  childWorkflowExecutionStarted,
  type StartedChild,
  startChildWorkflowExecutionFailed,
  startChildWorkflowExecutionInitiated,
} from './child-workflow-execution.ts';
export { CLOSE_EVENTS, COMPLETION_EVENTS, flushBufferedOrder, isBuffered } from './event-classes.ts';
export {
  externalWorkflowExecutionCancelRequested,
  externalWorkflowExecutionSignaled,
  requestCancelExternalWorkflowExecutionFailed,
  requestCancelExternalWorkflowExecutionInitiated,
  signalExternalWorkflowExecutionFailed,
  signalExternalWorkflowExecutionInitiated,
} from './external-workflow-execution.ts';
export type { CommandOrigin, NewEvent } from './new-event.ts';
export { withoutNullMemoFields, withoutNullSearchAttributes } from './null-fields.ts';
export { type ExternalCanceller, workflowExecutionCancelRequested } from './workflow-execution-cancel-requested.ts';
export { workflowExecutionContinuedAsNew } from './workflow-execution-continued-as-new.ts';
export { workflowExecutionOptionsUpdated } from './workflow-execution-options-updated.ts';
export { workflowExecutionPaused, workflowExecutionUnpaused } from './workflow-execution-paused.ts';
export { type SignalRequest, workflowExecutionSignaled } from './workflow-execution-signaled.ts';
export {
  firstRunOf,
  type RunChain,
  type StartRequest,
  workflowExecutionStarted,
} from './workflow-execution-started.ts';
export {
  workflowExecutionUpdateAccepted,
  workflowExecutionUpdateAdmitted,
  workflowExecutionUpdateCompleted,
} from './workflow-execution-update.ts';
export { upsertWorkflowSearchAttributes, workflowPropertiesModified } from './workflow-fields-upserted.ts';
