// A paused run: nothing new is given to workers until it is unpaused; what they have may finish. Inside a decision.
// Source: service/history/workflow/mutable_state_impl.go ApplyWorkflowExecution{Paused,Unpaused}Event, v1.31.

import { EventType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import { addActivityTask, addRetryTask } from './activity.ts';
import { updatePauseInfo } from './pause-info.ts';
import type { Workflow } from './workflow.ts';
import { dispatchAgain, ensureWorkflowTask, isInFirstBackoff } from './workflow-task.ts';

export interface Pause {
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
}

/** Differs: v1.31 cannot pause a run that waits for its first workflow task; its caller hears INTERNAL. */
export function pauseRun(workflow: Workflow, pause: Pause): void {
  const { identity, reason, requestId } = pause;
  const event = workflow.events.add(EventType.WORKFLOW_EXECUTION_PAUSED, {
    workerMayIgnore: true,
    workflowExecutionPausedEventAttributes: { identity, reason, requestId },
  });
  applyPaused(workflow, pause, event.eventTime ?? workflow.nowMs);
}

/** State after the paused event; also when a run is rebuilt. */
export function applyPaused(workflow: Workflow, pause: Pause, timeMs: number): void {
  const { state } = workflow;
  state.status = WorkflowExecutionStatus.PAUSED;
  state.paused = true;
  state.pauseTime = timeMs;
  state.pauseIdentity = pause.identity;
  state.pauseReason = pause.reason;
  state.pauseRequestId = pause.requestId;
  raiseActivityStamps(workflow);
  if (workflow.hasPendingWorkflowTask) state.workflowTaskStamp++;
  updatePauseInfo(workflow);
}

export function unpauseRun(workflow: Workflow, { identity, reason, requestId }: Pause): void {
  workflow.events.add(EventType.WORKFLOW_EXECUTION_UNPAUSED, {
    workerMayIgnore: true,
    workflowExecutionUnpausedEventAttributes: { identity, reason, requestId },
  });
  applyUnpaused(workflow);
  for (const activity of workflow.activities.values()) {
    if (activity.startedEventId !== 0 || activity.paused) continue;
    if ((activity.scheduledTime ?? 0) > workflow.nowMs) addRetryTask(workflow, activity);
    else addActivityTask(workflow, activity);
  }
  // Differs: v1.31 leaves a task that waited for a worker when the run was paused without one for ever.
  dispatchAgain(workflow);
  // Of a run whose first task waits for its time, the timer schedules it; one that fired during the pause did nothing.
  const isDue = !isInFirstBackoff(workflow) || (workflow.state.executionTime ?? 0) <= workflow.nowMs;
  if (isDue) ensureWorkflowTask(workflow);
}

/** State after the unpaused event; also when a run is rebuilt. */
export function applyUnpaused(workflow: Workflow): void {
  const { state } = workflow;
  state.status = WorkflowExecutionStatus.RUNNING;
  state.paused = false;
  state.pauseTime = undefined;
  state.pauseIdentity = '';
  state.pauseReason = '';
  state.pauseRequestId = '';
  raiseActivityStamps(workflow);
  updatePauseInfo(workflow);
}

function raiseActivityStamps(workflow: Workflow): void {
  for (const activity of [...workflow.activities.values()]) {
    workflow.activities.put(activity.scheduledEventId, { ...activity, stamp: activity.stamp + 1 });
  }
}
