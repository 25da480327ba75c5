// The end of a run, whatever the reason: state, the tasks that follow (parent, children, retention) and visibility. Inside a
// decision; the shard updates the current-run row when it sees that the run has ended.

import { EventType, WorkflowExecutionStatus, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { HistoryEventInit } from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';
import { retentionEndMs } from '../retention.ts';
import type { Workflow } from './workflow.ts';
import { RunState, VisibilityChange, WorkflowTaskType } from './workflow.ts';
import { clearStickyTaskQueue, failWorkflowTask } from './workflow-task.ts';

/** Identity in events that the server itself causes. */
export const HISTORY_SERVICE = 'history-service';

const STATUS_OF: Readonly<Record<number, number>> = {
  [EventType.WORKFLOW_EXECUTION_COMPLETED]: WorkflowExecutionStatus.COMPLETED,
  [EventType.WORKFLOW_EXECUTION_FAILED]: WorkflowExecutionStatus.FAILED,
  [EventType.WORKFLOW_EXECUTION_CANCELED]: WorkflowExecutionStatus.CANCELED,
  [EventType.WORKFLOW_EXECUTION_TERMINATED]: WorkflowExecutionStatus.TERMINATED,
  [EventType.WORKFLOW_EXECUTION_TIMED_OUT]: WorkflowExecutionStatus.TIMED_OUT,
  [EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW]: WorkflowExecutionStatus.CONTINUED_AS_NEW,
};

/** Adds the close event and ends the run. Returns the event's id. */
export function closeRun(workflow: Workflow, eventType: number, attributes: HistoryEventInit): number {
  const event = workflow.events.add(eventType, attributes);
  applyClosed(workflow, eventType, event.eventId, event.eventTime ?? workflow.nowMs);
  addCloseTask(workflow, event.eventId);
  addRetentionTask(workflow);
  workflow.markVisibility(VisibilityChange.CLOSE);
  return event.eventId;
}

/** Who has neither parent nor pending children leaves nobody behind that must hear of the end. */
function addCloseTask(workflow: Workflow, eventId: number): void {
  if (workflow.state.parentWorkflowId === '' && workflow.children.size === 0) return;
  workflow.addTask(TaskCategory.TRANSFER, { type: TaskType.CLOSE_EXECUTION, version: workflow.version, eventId });
}

/** State after a close event; also when a run is rebuilt. */
export function applyClosed(workflow: Workflow, eventType: number, eventId: number, closeTimeMs: number): void {
  const state = workflow.state;
  state.state = RunState.COMPLETED;
  state.status = STATUS_OF[eventType] ?? WorkflowExecutionStatus.UNSPECIFIED;
  state.completionEventId = eventId;
  state.closeTime = closeTimeMs;
  // No worker has the end in its cache, nor what came right before it: queries go where the whole history goes with them.
  clearStickyTaskQueue(workflow);
  if (state.workflowTaskType === WorkflowTaskType.SPECULATIVE) {
    state.workflowTaskScheduledEventId = 0;
    state.workflowTaskStartedEventId = 0;
    state.workflowTaskType = WorkflowTaskType.UNSPECIFIED;
  }
}

/** The run's history goes when the namespace's retention ends. */
export function addRetentionTask(workflow: Workflow): void {
  const { environment, namespace, state } = workflow;
  workflow.addTask(
    TaskCategory.TIMER,
    { type: TaskType.DELETE_HISTORY, version: workflow.version, branchToken: workflow.branchToken },
    retentionEndMs(environment, namespace, state.closeTime ?? workflow.nowMs),
  );
}

/** A worker that still has a task of the run finds its answer refused; what was buffered meanwhile goes into history first. */
export function failStartedTask(workflow: Workflow): void {
  if (!workflow.hasStartedWorkflowTask) return;
  failWorkflowTask(workflow, { cause: WorkflowTaskFailedCause.FORCE_CLOSE_COMMAND, identity: HISTORY_SERVICE });
  workflow.events.flushBuffered();
}

/** Ends a run from outside. */
export function terminateRun(
  workflow: Workflow,
  terminate: {
    readonly reason: string;
    readonly details?: Uint8Array | undefined;
    readonly identity: string;
    readonly links?: HistoryEventInit['links'];
  },
): number {
  failStartedTask(workflow);
  return closeRun(workflow, EventType.WORKFLOW_EXECUTION_TERMINATED, {
    workflowExecutionTerminatedEventAttributes: {
      reason: terminate.reason,
      details: terminate.details,
      identity: terminate.identity,
    },
    links: terminate.links,
  });
}
