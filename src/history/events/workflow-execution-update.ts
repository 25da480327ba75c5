// The events of workflow updates.

import { EventType, type UpdateAdmittedEventOrigin } from '#proto/temporal/api/enums/v1';
import type { RequestInit, ResponseInit } from '#proto/temporal/api/update/v1';
import type { UpdateEvents } from '../workflow/update/index.ts';
import type { NewEvent } from './new-event.ts';

/** Written by a reset only: an update that a client asks for is admitted in memory. */
export function workflowExecutionUpdateAdmitted(request: RequestInit, origin: UpdateAdmittedEventOrigin): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED,
    workflowExecutionUpdateAdmittedEventAttributes: { request, origin },
  };
}

export function workflowExecutionUpdateAccepted(
  attributes: Parameters<UpdateEvents['addUpdateAcceptedEvent']>[0],
): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    workflowExecutionUpdateAcceptedEventAttributes: attributes,
  };
}

export function workflowExecutionUpdateCompleted(acceptedEventId: number, { meta, outcome }: ResponseInit): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    workflowExecutionUpdateCompletedEventAttributes: { acceptedEventId, meta, outcome },
  };
}
