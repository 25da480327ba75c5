// WorkflowExecutionOptionsUpdated: options changed by request, or a start that attached itself to the running workflow.

import { EventType } from '#proto/temporal/api/enums/v1';
import type {
  HistoryEventInit,
  WorkflowExecutionOptionsUpdatedEventAttributesInit,
} from '#proto/temporal/api/history/v1';
import type { NewEvent } from './new-event.ts';

/** Old workers do not know the event and need not. */
export function workflowExecutionOptionsUpdated(
  attributes: WorkflowExecutionOptionsUpdatedEventAttributesInit,
  links?: HistoryEventInit['links'],
): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    workflowExecutionOptionsUpdatedEventAttributes: attributes,
    links,
    workerMayIgnore: true,
  };
}
