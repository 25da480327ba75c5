// The commands a worker may answer a workflow task with, by type.

import { CommandType } from '#proto/temporal/api/enums/v1';
import { cancelTimer } from './cancel-timer.ts';
import type { CommandHandler } from './command.ts';
import { completeWorkflowExecution } from './complete-workflow-execution.ts';
import { recordMarker } from './record-marker.ts';
import { requestCancelActivityTask } from './request-cancel-activity-task.ts';
import { scheduleActivityTask } from './schedule-activity-task.ts';
import { startTimer } from './start-timer.ts';

export const COMMAND_HANDLERS: ReadonlyMap<number, CommandHandler> = new Map([
  [CommandType.SCHEDULE_ACTIVITY_TASK, scheduleActivityTask],
  [CommandType.REQUEST_CANCEL_ACTIVITY_TASK, requestCancelActivityTask],
  [CommandType.CANCEL_TIMER, cancelTimer],
  [CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecution],
  [CommandType.START_TIMER, startTimer],
  [CommandType.RECORD_MARKER, recordMarker],
]);

export type { CommandHandler, TaskCompletion } from './command.ts';
