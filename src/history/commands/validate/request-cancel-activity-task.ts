// RequestCancelActivityTask. Whether the activity is pending is the workflow's to know.

import type { RequestCancelActivityTaskCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { CommandError } from './command-error.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES;

export function validateRequestCancelActivityTask(attributes: RequestCancelActivityTaskCommandAttributes | undefined): {
  attributes: RequestCancelActivityTaskCommandAttributes;
} {
  if (attributes === undefined) {
    const message = 'RequestCancelActivityTaskCommandAttributes is not set on RequestCancelActivityTaskCommand.';
    throw new CommandError(CAUSE, message);
  }
  if (attributes.scheduledEventId <= 0) {
    throw new CommandError(CAUSE, 'ScheduledEventId is not set on RequestCancelActivityTaskCommand.');
  }
  return { attributes };
}
