import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { EventType, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { cancelActivity } from '../workflow/activity.ts';
import type { CommandHandler } from './command.ts';
import { CommandError, validateRequestCancelActivityTask } from './validate/index.ts';

/** Details of an activity that no worker ever had, as Temporal writes them. */
const NOT_STARTED = Payloads.encode({
  payloads: [
    Payload.encode({
      metadata: new Map([['encoding', Buffer.from('json/plain')]]),
      data: Buffer.from('"ACTIVITY_ID_NOT_STARTED"'),
    }),
  ],
});

const CLOSING_EVENTS: ReadonlySet<number> = new Set([
  EventType.ACTIVITY_TASK_COMPLETED,
  EventType.ACTIVITY_TASK_FAILED,
  EventType.ACTIVITY_TASK_TIMED_OUT,
  EventType.ACTIVITY_TASK_CANCELED,
]);

export const requestCancelActivityTask: CommandHandler = (completion, command) => {
  const { workflow, completedEventId } = completion;
  const { attributes } = validateRequestCancelActivityTask(command.requestCancelActivityTaskCommandAttributes);
  const { scheduledEventId } = attributes;
  const activity = workflow.activities.get(scheduledEventId);
  // It may have closed while the worker had the task: the request is recorded all the same.
  const closedMeanwhile = workflow.events.someBuffered(
    (event) =>
      CLOSING_EVENTS.has(event.eventType) &&
      (
        event.activityTaskCompletedEventAttributes ??
        event.activityTaskFailedEventAttributes ??
        event.activityTaskTimedOutEventAttributes ??
        event.activityTaskCanceledEventAttributes
      )?.scheduledEventId === scheduledEventId,
  );
  if (activity?.cancelRequested === true || (activity === undefined && !closedMeanwhile)) {
    throw new CommandError(
      WorkflowTaskFailedCause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
      `invalid history builder state for action: add-activitytask-cancel-requested-event, ScheduledEventID: ${scheduledEventId}`,
    );
  }
  const { eventId } = workflow.events.add(EventType.ACTIVITY_TASK_CANCEL_REQUESTED, {
    activityTaskCancelRequestedEventAttributes: { scheduledEventId, workflowTaskCompletedEventId: completedEventId },
    userMetadata: command.userMetadata,
  });
  if (activity === undefined) return;
  const requested = { ...activity, version: workflow.version, cancelRequested: true, cancelRequestId: eventId };
  workflow.activities.put(scheduledEventId, requested);
  if (activity.startedEventId !== 0) return;
  cancelActivity(workflow, requested, {
    details: NOT_STARTED,
    identity: completion.request.identity,
    cancelRequestedEventId: eventId,
    byCommand: true,
  });
  completion.activityCancelledUnstarted = true;
};
