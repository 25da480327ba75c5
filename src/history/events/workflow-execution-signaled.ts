// WorkflowExecutionSignaled.

import type { WorkflowExecutionInit } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import type { SignalWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import type { NewEvent } from './new-event.ts';

export type SignalRequest = Pick<
  SignalWorkflowExecutionRequest,
  'signalName' | 'input' | 'identity' | 'header' | 'links'
>;

/** `external` is the workflow that signals, if one does. */
export function workflowExecutionSignaled(request: SignalRequest, external?: WorkflowExecutionInit): NewEvent {
  return {
    eventType: EventType.WORKFLOW_EXECUTION_SIGNALED,
    workflowExecutionSignaledEventAttributes: {
      signalName: request.signalName,
      input: request.input,
      identity: request.identity,
      header: request.header,
      externalWorkflowExecution: external,
    },
    links: request.links,
  };
}
