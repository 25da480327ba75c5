// WorkflowExecutionCancelRequested.

import type { WorkflowExecutionInit } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import type { RequestCancelWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import type { NewEvent } from './new-event.ts';

/** The workflow that asks, and its initiated event. */
export interface ExternalCanceller {
  readonly execution: WorkflowExecutionInit | undefined;
  readonly initiatedEventId: number;
}

export function workflowExecutionCancelRequested(
  request: Pick<RequestCancelWorkflowExecutionRequest, 'reason' | 'identity' | 'links'>,
  external?: ExternalCanceller,
): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED,
    workflowExecutionCancelRequestedEventAttributes: {
      cause: request.reason,
      identity: request.identity,
      externalInitiatedEventId: external?.initiatedEventId,
      externalWorkflowExecution: external?.execution,
    },
    links: request.links,
  };
}
