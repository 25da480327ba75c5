import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { TaskCompletion } from './command.ts';
import { CommandError } from './validate/index.ts';

/** A run does not close over events that its code has not seen: the task fails and the worker gets them first. */
export function refuseUnhandled(completion: TaskCompletion): void {
  if (completion.hasBufferedEvents) throw new CommandError(WorkflowTaskFailedCause.UNHANDLED_COMMAND, '');
}
