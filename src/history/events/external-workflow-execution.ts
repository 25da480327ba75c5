// Signals and cancellation requests to other workflows: initiated by a command, then done or failed.

import type {
  RequestCancelExternalWorkflowExecutionCommandAttributes,
  SignalExternalWorkflowExecutionCommandAttributes,
} from '#proto/temporal/api/command/v1';
import {
  type CancelExternalWorkflowExecutionFailedCause,
  EventType,
  type SignalExternalWorkflowExecutionFailedCause,
} from '#proto/temporal/api/enums/v1';
import type {
  RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
  SignalExternalWorkflowExecutionInitiatedEventAttributes,
} from '#proto/temporal/api/history/v1';
import type { CommandOrigin, NewEvent } from './new-event.ts';

export function requestCancelExternalWorkflowExecutionInitiated(
  command: RequestCancelExternalWorkflowExecutionCommandAttributes,
  targetNamespaceId: string,
  { workflowTaskCompletedEventId, userMetadata }: CommandOrigin,
): NewEvent {
  return {
    eventType: EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    requestCancelExternalWorkflowExecutionInitiatedEventAttributes: {
      workflowTaskCompletedEventId,
      namespace: command.namespace,
      namespaceId: targetNamespaceId,
      workflowExecution: { workflowId: command.workflowId, runId: command.runId },
      control: command.control,
      childWorkflowOnly: command.childWorkflowOnly,
      reason: command.reason,
    },
    userMetadata,
  };
}

type CancelInitiated = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes;

export function externalWorkflowExecutionCancelRequested(
  initiatedEventId: number,
  initiated: CancelInitiated,
): NewEvent {
  return {
    eventType: EventType.EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
    externalWorkflowExecutionCancelRequestedEventAttributes: {
      initiatedEventId,
      namespace: initiated.namespace,
      namespaceId: initiated.namespaceId,
      workflowExecution: initiated.workflowExecution,
    },
  };
}

/** Its control is always empty, as in Temporal. */
export function requestCancelExternalWorkflowExecutionFailed(
  initiatedEventId: number,
  initiated: CancelInitiated,
  cause: CancelExternalWorkflowExecutionFailedCause,
): NewEvent {
  return {
    eventType: EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
    requestCancelExternalWorkflowExecutionFailedEventAttributes: {
      workflowTaskCompletedEventId: initiated.workflowTaskCompletedEventId,
      initiatedEventId,
      namespace: initiated.namespace,
      namespaceId: initiated.namespaceId,
      workflowExecution: initiated.workflowExecution,
      cause,
    },
  };
}

export function signalExternalWorkflowExecutionInitiated(
  command: SignalExternalWorkflowExecutionCommandAttributes,
  targetNamespaceId: string,
  { workflowTaskCompletedEventId, userMetadata }: CommandOrigin,
): NewEvent {
  return {
    eventType: EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    signalExternalWorkflowExecutionInitiatedEventAttributes: {
      workflowTaskCompletedEventId,
      namespace: command.namespace,
      namespaceId: targetNamespaceId,
      workflowExecution: command.execution,
      signalName: command.signalName,
      input: command.input,
      control: command.control,
      childWorkflowOnly: command.childWorkflowOnly,
      header: command.header,
    },
    userMetadata,
  };
}

type SignalInitiated = SignalExternalWorkflowExecutionInitiatedEventAttributes;

export function externalWorkflowExecutionSignaled(initiatedEventId: number, initiated: SignalInitiated): NewEvent {
  return {
    eventType: EventType.EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
    externalWorkflowExecutionSignaledEventAttributes: {
      initiatedEventId,
      namespace: initiated.namespace,
      namespaceId: initiated.namespaceId,
      workflowExecution: initiated.workflowExecution,
      control: initiated.control,
    },
  };
}

export function signalExternalWorkflowExecutionFailed(
  initiatedEventId: number,
  initiated: SignalInitiated,
  cause: SignalExternalWorkflowExecutionFailedCause,
): NewEvent {
  return {
    eventType: EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
    signalExternalWorkflowExecutionFailedEventAttributes: {
      workflowTaskCompletedEventId: initiated.workflowTaskCompletedEventId,
      initiatedEventId,
      namespace: initiated.namespace,
      namespaceId: initiated.namespaceId,
      workflowExecution: initiated.workflowExecution,
      control: initiated.control,
      cause,
    },
  };
}
