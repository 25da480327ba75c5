import { EventType, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { CommandHandler } from './command.ts';
import { CommandError, validateCancelTimer } from './validate/index.ts';

export const cancelTimer: CommandHandler = (completion, command) => {
  const { workflow } = completion;
  const { attributes } = validateCancelTimer(command.cancelTimerCommandAttributes, completion.context);
  const { timerId } = attributes;
  const timer = workflow.timers.get(timerId);
  // A timer that fired while the worker had the task is cancelled by taking its event out of the buffer.
  const firedId = timer === undefined ? workflow.events.takeBufferedTimerFired(timerId) : undefined;
  const startedEventId = timer?.startedEventId ?? firedId;
  if (startedEventId === undefined) {
    throw new CommandError(
      WorkflowTaskFailedCause.BAD_CANCEL_TIMER_ATTRIBUTES,
      `invalid history builder state for action: add-timer-canceled-event, TimerID: ${timerId}`,
    );
  }
  workflow.timers.delete(timerId);
  workflow.events.add(EventType.TIMER_CANCELED, {
    timerCanceledEventAttributes: {
      timerId,
      startedEventId,
      workflowTaskCompletedEventId: completion.completedEventId,
      identity: completion.request.identity,
    },
    userMetadata: command.userMetadata,
  });
  // The timer's own event may have been all that was buffered; what commands have put there since the worker knows of.
  completion.hasBufferedEvents &&= workflow.events.hasBuffered;
};
