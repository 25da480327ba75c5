// What a parent's history says of a child: initiated by a command, then started or not, then closed.

import type { WorkflowExecutionInit, WorkflowTypeInit } from '#proto/temporal/api/common/v1';
import { EventType, type StartChildWorkflowExecutionFailedCause } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent, StartChildWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { invariant } from '../../base/invariant.ts';
import type { StartChildAttributes } from '../commands/validate/index.ts';
import type { CommandOrigin, NewEvent } from './new-event.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from './null-fields.ts';

export function startChildWorkflowExecutionInitiated(
  command: StartChildAttributes,
  targetNamespaceId: string,
  { workflowTaskCompletedEventId, userMetadata }: CommandOrigin,
): NewEvent {
  return {
    eventType: EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED,
    startChildWorkflowExecutionInitiatedEventAttributes: {
      workflowTaskCompletedEventId,
      namespace: command.namespace,
      namespaceId: targetNamespaceId,
      workflowId: command.workflowId,
      workflowType: command.workflowType,
      taskQueue: command.taskQueue,
      header: command.header,
      input: command.input,
      workflowExecutionTimeout: command.workflowExecutionTimeout,
      workflowRunTimeout: command.workflowRunTimeout,
      workflowTaskTimeout: command.workflowTaskTimeout,
      control: command.control,
      workflowIdReusePolicy: command.workflowIdReusePolicy,
      retryPolicy: command.retryPolicy,
      cronSchedule: command.cronSchedule,
      memo: withoutNullMemoFields(command.memo),
      searchAttributes: withoutNullSearchAttributes(command.searchAttributes),
      parentClosePolicy: command.parentClosePolicy,
      inheritBuildId: command.inheritBuildId,
      priority: command.priority,
    },
    userMetadata,
  };
}

export function startChildWorkflowExecutionFailed(
  initiatedEventId: number,
  initiated: StartChildWorkflowExecutionInitiatedEventAttributes,
  cause: StartChildWorkflowExecutionFailedCause,
): NewEvent {
  return {
    eventType: EventType.START_CHILD_WORKFLOW_EXECUTION_FAILED,
    startChildWorkflowExecutionFailedEventAttributes: {
      workflowTaskCompletedEventId: initiated.workflowTaskCompletedEventId,
      initiatedEventId,
      namespace: initiated.namespace,
      namespaceId: initiated.namespaceId,
      workflowId: initiated.workflowId,
      workflowType: initiated.workflowType,
      control: initiated.control,
      cause,
    },
  };
}

/** The child as its parent knows it. */
export interface StartedChild {
  readonly initiatedEventId: number;
  readonly startedEventId: number;
  readonly namespace: string;
  readonly namespaceId: string;
  readonly execution: WorkflowExecutionInit;
  readonly workflowType: WorkflowTypeInit | undefined;
}

export function childWorkflowExecutionStarted(
  child: Omit<StartedChild, 'startedEventId'>,
  initiated: Pick<StartChildWorkflowExecutionInitiatedEventAttributes, 'header'>,
): NewEvent {
  return {
    eventType: EventType.CHILD_WORKFLOW_EXECUTION_STARTED,
    childWorkflowExecutionStartedEventAttributes: {
      initiatedEventId: child.initiatedEventId,
      namespace: child.namespace,
      namespaceId: child.namespaceId,
      workflowExecution: child.execution,
      workflowType: child.workflowType,
      header: initiated.header,
    },
  };
}

/** `closeEvent` is the child's own. One that continued as new is not closed for its parent. */
export function childWorkflowExecutionClosed(child: StartedChild, closeEvent: HistoryEvent): NewEvent {
  const common = {
    initiatedEventId: child.initiatedEventId,
    startedEventId: child.startedEventId,
    namespace: child.namespace,
    namespaceId: child.namespaceId,
    workflowExecution: child.execution,
    workflowType: child.workflowType,
  };
  switch (closeEvent.eventType) {
    case EventType.WORKFLOW_EXECUTION_COMPLETED: {
      const result = closeEvent.workflowExecutionCompletedEventAttributes?.result;
      return {
        eventType: EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED,
        childWorkflowExecutionCompletedEventAttributes: { ...common, result },
      };
    }
    case EventType.WORKFLOW_EXECUTION_FAILED: {
      const { failure, retryState } = closeEvent.workflowExecutionFailedEventAttributes ?? {};
      return {
        eventType: EventType.CHILD_WORKFLOW_EXECUTION_FAILED,
        childWorkflowExecutionFailedEventAttributes: { ...common, failure, retryState },
      };
    }
    case EventType.WORKFLOW_EXECUTION_CANCELED: {
      const details = closeEvent.workflowExecutionCanceledEventAttributes?.details;
      return {
        eventType: EventType.CHILD_WORKFLOW_EXECUTION_CANCELED,
        childWorkflowExecutionCanceledEventAttributes: { ...common, details },
      };
    }
    case EventType.WORKFLOW_EXECUTION_TIMED_OUT: {
      const retryState = closeEvent.workflowExecutionTimedOutEventAttributes?.retryState;
      return {
        eventType: EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT,
        childWorkflowExecutionTimedOutEventAttributes: { ...common, retryState },
      };
    }
    default:
      invariant(
        closeEvent.eventType === EventType.WORKFLOW_EXECUTION_TERMINATED,
        `event ${closeEvent.eventType} does not close a child`,
      );
      return {
        eventType: EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED,
        childWorkflowExecutionTerminatedEventAttributes: common,
      };
  }
}
