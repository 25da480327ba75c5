// WorkflowExecutionPaused and WorkflowExecutionUnpaused.

import { EventType } from '#proto/temporal/api/enums/v1';
import type { NewEvent } from './new-event.ts';

interface PauseRequest {
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
}

export function workflowExecutionPaused({ identity, reason, requestId }: PauseRequest): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_PAUSED,
    workerMayIgnore: true,
    workflowExecutionPausedEventAttributes: { identity, reason, requestId },
  };
}

export function workflowExecutionUnpaused({ identity, reason, requestId }: PauseRequest): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_UNPAUSED,
    workerMayIgnore: true,
    workflowExecutionUnpausedEventAttributes: { identity, reason, requestId },
  };
}
