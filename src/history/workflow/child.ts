// Pending child workflows of a run: started, failed to start, closed. Inside a decision of the parent.

import type { ChildExecutionInfo } from '#proto/ostinato/persistence/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import { StartChildWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import type { Workflow } from './workflow.ts';

/** Request id of a child's start: the same whenever the start is tried, or the parent rebuilt. */
export function childRequestId(parent: Workflow, initiatedEventId: number): string {
  return `${parent.runId}:${initiatedEventId}:${parent.version}`;
}

export function recordChildStarted(workflow: Workflow, child: ChildExecutionInfo, runId: string): void {
  const attributes = StartChildWorkflowExecutionInitiatedEventAttributes.decode(child.initiated);
  const { eventId } = workflow.events.add(EventType.CHILD_WORKFLOW_EXECUTION_STARTED, {
    childWorkflowExecutionStartedEventAttributes: {
      namespace: attributes.namespace,
      namespaceId: attributes.namespaceId,
      initiatedEventId: child.initiatedEventId,
      workflowExecution: { workflowId: attributes.workflowId, runId },
      workflowType: attributes.workflowType,
      header: attributes.header,
    },
  });
  workflow.children.put(child.initiatedEventId, { ...child, startedEventId: eventId, startedRunId: runId });
}

export function recordChildStartFailed(workflow: Workflow, child: ChildExecutionInfo, cause: number): void {
  const attributes = StartChildWorkflowExecutionInitiatedEventAttributes.decode(child.initiated);
  workflow.children.delete(child.initiatedEventId);
  workflow.events.add(EventType.START_CHILD_WORKFLOW_EXECUTION_FAILED, {
    startChildWorkflowExecutionFailedEventAttributes: {
      namespace: attributes.namespace,
      namespaceId: attributes.namespaceId,
      workflowId: attributes.workflowId,
      workflowType: attributes.workflowType,
      cause,
      control: attributes.control,
      initiatedEventId: child.initiatedEventId,
    },
  });
}

/** The child's close event becomes the parent's; the event names the child's last run. */
export function recordChildClosed(
  workflow: Workflow,
  child: ChildExecutionInfo,
  closed: { readonly event: HistoryEvent; readonly workflowExecution: { workflowId: string; runId: string } },
): void {
  const { event, workflowExecution } = closed;
  const common = {
    namespace: child.namespace,
    namespaceId: child.namespaceId,
    workflowExecution,
    workflowType: { name: child.workflowType },
    initiatedEventId: child.initiatedEventId,
    startedEventId: child.startedEventId,
  };
  workflow.children.delete(child.initiatedEventId);
  switch (event.eventType) {
    case EventType.WORKFLOW_EXECUTION_COMPLETED:
      workflow.events.add(EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED, {
        childWorkflowExecutionCompletedEventAttributes: {
          ...common,
          result: event.workflowExecutionCompletedEventAttributes?.result,
        },
      });
      return;
    case EventType.WORKFLOW_EXECUTION_FAILED:
      workflow.events.add(EventType.CHILD_WORKFLOW_EXECUTION_FAILED, {
        childWorkflowExecutionFailedEventAttributes: {
          ...common,
          failure: event.workflowExecutionFailedEventAttributes?.failure,
          retryState: event.workflowExecutionFailedEventAttributes?.retryState,
        },
      });
      return;
    case EventType.WORKFLOW_EXECUTION_CANCELED:
      workflow.events.add(EventType.CHILD_WORKFLOW_EXECUTION_CANCELED, {
        childWorkflowExecutionCanceledEventAttributes: {
          ...common,
          details: event.workflowExecutionCanceledEventAttributes?.details,
        },
      });
      return;
    case EventType.WORKFLOW_EXECUTION_TIMED_OUT:
      workflow.events.add(EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT, {
        childWorkflowExecutionTimedOutEventAttributes: {
          ...common,
          retryState: event.workflowExecutionTimedOutEventAttributes?.retryState,
        },
      });
      return;
    default:
      workflow.events.add(EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED, {
        childWorkflowExecutionTerminatedEventAttributes: common,
      });
  }
}
