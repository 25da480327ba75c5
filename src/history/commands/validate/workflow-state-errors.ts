// Commands that are well formed but do not fit the workflow's state. The workflow core finds that out and throws these.

import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { CommandError } from './command-error.ts';

function unfit(cause: WorkflowTaskFailedCause, action: string, detail: string): CommandError {
  return new CommandError(cause, `invalid history builder state for action: ${action}, ${detail}`);
}

export const duplicateActivityId = (activityId: string): CommandError =>
  unfit(
    WorkflowTaskFailedCause.SCHEDULE_ACTIVITY_DUPLICATE_ID,
    'add-activitytask-scheduled-event',
    `ActivityID: ${activityId}`,
  );

/** Not pending and no buffered close event, or its cancellation was requested before. */
export const activityNotCancellable = (scheduledEventId: number): CommandError =>
  unfit(
    WorkflowTaskFailedCause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
    'add-activitytask-cancel-requested-event',
    `ScheduledEventID: ${scheduledEventId}`,
  );

export const duplicateTimerId = (timerId: string): CommandError =>
  unfit(WorkflowTaskFailedCause.START_TIMER_DUPLICATE_ID, 'add-timer-started-event', `TimerID: ${timerId}`);

/** Not running and no buffered fired event. */
export const timerNotCancellable = (timerId: string): CommandError =>
  unfit(WorkflowTaskFailedCause.BAD_CANCEL_TIMER_ATTRIBUTES, 'add-timer-canceled-event', `TimerID: ${timerId}`);

/** The workflow may not close while events or updates wait that its worker has not seen. */
export const unhandledCommand = (): CommandError => new CommandError(WorkflowTaskFailedCause.UNHANDLED_COMMAND, '');
