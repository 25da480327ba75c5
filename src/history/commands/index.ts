// The commands a worker may answer a workflow task with, by type.

import { CommandType } from '#proto/temporal/api/enums/v1';
import { cancelTimer } from './cancel-timer.ts';
import { cancelWorkflowExecution } from './cancel-workflow-execution.ts';
import type { CommandHandler } from './command.ts';
import { completeWorkflowExecution } from './complete-workflow-execution.ts';
import { continueAsNewWorkflowExecution } from './continue-as-new-workflow-execution.ts';
import { failWorkflowExecution } from './fail-workflow-execution.ts';
import { modifyWorkflowProperties } from './modify-workflow-properties.ts';
import { protocolMessage } from './protocol-message.ts';
import { recordMarker } from './record-marker.ts';
import { requestCancelActivityTask } from './request-cancel-activity-task.ts';
import { requestCancelExternalWorkflowExecution } from './request-cancel-external-workflow-execution.ts';
import { scheduleActivityTask } from './schedule-activity-task.ts';
import { signalExternalWorkflowExecution } from './signal-external-workflow-execution.ts';
import { startChildWorkflowExecution } from './start-child-workflow-execution.ts';
import { startTimer } from './start-timer.ts';
import { upsertWorkflowSearchAttributes } from './upsert-workflow-search-attributes.ts';

export const COMMAND_HANDLERS: ReadonlyMap<number, CommandHandler> = new Map([
  [CommandType.SCHEDULE_ACTIVITY_TASK, scheduleActivityTask],
  [CommandType.REQUEST_CANCEL_ACTIVITY_TASK, requestCancelActivityTask],
  [CommandType.START_TIMER, startTimer],
  [CommandType.CANCEL_TIMER, cancelTimer],
  [CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecution],
  [CommandType.FAIL_WORKFLOW_EXECUTION, failWorkflowExecution],
  [CommandType.CANCEL_WORKFLOW_EXECUTION, cancelWorkflowExecution],
  [CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION, continueAsNewWorkflowExecution],
  [CommandType.START_CHILD_WORKFLOW_EXECUTION, startChildWorkflowExecution],
  [CommandType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION, signalExternalWorkflowExecution],
  [CommandType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION, requestCancelExternalWorkflowExecution],
  [CommandType.RECORD_MARKER, recordMarker],
  [CommandType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, upsertWorkflowSearchAttributes],
  [CommandType.MODIFY_WORKFLOW_PROPERTIES, modifyWorkflowProperties],
  [CommandType.PROTOCOL_MESSAGE, protocolMessage],
]);

export type { CommandHandler, TaskCompletion } from './command.ts';
