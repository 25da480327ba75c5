// Nexus commands. No endpoints can be registered yet, so every operation names an unknown one.

import type {
  RequestCancelNexusOperationCommandAttributes,
  ScheduleNexusOperationCommandAttributes,
} from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { CommandError } from './command-error.ts';

/** Always throws. */
export function validateScheduleNexusOperation(attributes: ScheduleNexusOperationCommandAttributes | undefined): never {
  const cause = WorkflowTaskFailedCause.BAD_SCHEDULE_NEXUS_OPERATION_ATTRIBUTES;
  if (attributes === undefined) throw new CommandError(cause, 'empty ScheduleNexusOperationCommandAttributes');
  throw new CommandError(cause, `endpoint ${JSON.stringify(attributes.endpoint)} not found`);
}

/** Always throws: no operation can be pending. */
export function validateRequestCancelNexusOperation(
  attributes: RequestCancelNexusOperationCommandAttributes | undefined,
): never {
  const cause = WorkflowTaskFailedCause.BAD_REQUEST_CANCEL_NEXUS_OPERATION_ATTRIBUTES;
  if (attributes === undefined) throw new CommandError(cause, 'empty CancelNexusOperationCommandAttributes');
  const what = 'requested cancelation for a non-existing or already completed operation with scheduled event ID of';
  throw new CommandError(cause, `${what} ${attributes.scheduledEventId}`);
}
