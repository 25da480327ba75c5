// Queues anew every duty that a run's state implies, when the run came from its history (reset, rebuild) and not from decisions.

import {
  RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
  SignalExternalWorkflowExecutionInitiatedEventAttributes,
  StartChildWorkflowExecutionInitiatedEventAttributes,
} from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';
import { addActivityTask, addTimeoutTask } from './activity.ts';
import { addExpirationTasks } from './start-run.ts';
import type { Workflow } from './workflow.ts';
import { VisibilityChange } from './workflow.ts';
import { addDispatchTasks, addStartToCloseTimeoutTask } from './workflow-task.ts';

/** Inside the decision that rebuilt the run. */
export function refreshTasks(workflow: Workflow): void {
  const { state, version } = workflow;
  addExpirationTasks(workflow);
  workflow.markVisibility(VisibilityChange.START);
  for (const timer of workflow.timers.values()) {
    workflow.addTask(
      TaskCategory.TIMER,
      { type: TaskType.USER_TIMER, timerId: timer.timerId, eventId: timer.startedEventId, version },
      timer.expiryTime ?? workflow.nowMs,
    );
  }
  for (const activity of [...workflow.activities.values()]) {
    if (activity.startedEventId === 0 && !activity.paused) addActivityTask(workflow, activity);
    workflow.activities.put(activity.scheduledEventId, { ...activity, timerTaskTime: undefined });
    addTimeoutTask(workflow, activity.scheduledEventId);
  }
  for (const child of workflow.children.values()) {
    if (child.startedEventId !== 0) continue;
    const { namespaceId, workflowId } = StartChildWorkflowExecutionInitiatedEventAttributes.decode(child.initiated);
    workflow.addTask(TaskCategory.TRANSFER, {
      type: TaskType.START_CHILD_EXECUTION,
      eventId: child.initiatedEventId,
      version,
      targetNamespaceId: namespaceId,
      targetWorkflowId: workflowId,
    });
  }
  for (const signal of workflow.signals.values()) {
    const { namespaceId, workflowExecution } = SignalExternalWorkflowExecutionInitiatedEventAttributes.decode(
      signal.initiated,
    );
    workflow.addTask(TaskCategory.TRANSFER, {
      type: TaskType.SIGNAL_EXECUTION,
      eventId: signal.initiatedEventId,
      version,
      targetNamespaceId: namespaceId,
      targetWorkflowId: workflowExecution?.workflowId,
    });
  }
  for (const cancel of workflow.requestCancels.values()) {
    const { namespaceId, workflowExecution } = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.decode(
      cancel.initiated,
    );
    workflow.addTask(TaskCategory.TRANSFER, {
      type: TaskType.CANCEL_EXECUTION,
      eventId: cancel.initiatedEventId,
      version,
      targetNamespaceId: namespaceId,
      targetWorkflowId: workflowExecution?.workflowId,
    });
  }
  if (!workflow.hasPendingWorkflowTask) return;
  if (state.workflowTaskStartedEventId === 0) addDispatchTasks(workflow);
  else addStartToCloseTimeoutTask(workflow);
}
