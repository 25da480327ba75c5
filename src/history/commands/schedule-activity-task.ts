import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { ENABLE_ACTIVITY_EAGER_EXECUTION } from '../limits.ts';
import { scheduleActivity } from '../workflow/activity.ts';
import type { CommandHandler } from './command.ts';
import { CommandError, validateScheduleActivityTask } from './validate/index.ts';

export const scheduleActivityTask: CommandHandler = (completion, command) => {
  const { workflow, engine } = completion;
  const { attributes } = validateScheduleActivityTask(
    command.scheduleActivityTaskCommandAttributes,
    completion.context,
  );
  if (workflow.activities.named(attributes.activityId) !== undefined) {
    const message = `invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: ${attributes.activityId}`;
    throw new CommandError(WorkflowTaskFailedCause.SCHEDULE_ACTIVITY_DUPLICATE_ID, message);
  }
  const eager =
    attributes.requestEagerExecution &&
    !workflow.state.paused &&
    engine.config.get(ENABLE_ACTIVITY_EAGER_EXECUTION, { namespace: workflow.namespace.name });
  const scheduledEventId = scheduleActivity(workflow, attributes, completion.completedEventId, {
    userMetadata: command.userMetadata,
  });
  (eager ? completion.eagerActivities : completion.scheduledActivities).push(scheduledEventId);
};
