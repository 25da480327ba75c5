// The commands a worker may answer a workflow task with, by type.

import { CommandType } from '#proto/temporal/api/enums/v1';
import type { CommandHandler } from './command.ts';
import { completeWorkflowExecution } from './complete-workflow-execution.ts';
import { recordMarker } from './record-marker.ts';
import { startTimer } from './start-timer.ts';

export const COMMAND_HANDLERS: ReadonlyMap<number, CommandHandler> = new Map([
  [CommandType.COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecution],
  [CommandType.START_TIMER, startTimer],
  [CommandType.RECORD_MARKER, recordMarker],
]);

export type { CommandHandler, TaskCompletion } from './command.ts';
