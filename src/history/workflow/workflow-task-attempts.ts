// What operators are told of workflow tasks that are tried again and again. History thread.

import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { WORKFLOW_TASK_CRITICAL_ATTEMPT } from '../limits.ts';
import type { Workflow } from './workflow.ts';

/** A worker takes the task. */
export function tellAttempt(workflow: Workflow): void {
  const { environment, namespace, workflowId, runId, state } = workflow;
  const attempt = state.workflowTaskAttempt;
  environment.metrics.workflowTaskStarted(namespace.name, attempt);
  if (attempt < environment.config.get(WORKFLOW_TASK_CRITICAL_ATTEMPT)) return;
  environment.logger.warn({ namespace: namespace.name, workflowId, runId, attempt }, 'a workflow task keeps failing');
}

/** A reset fails the task that it finds: that says nothing of the workers. */
export function tellFailure({ environment, namespace }: Workflow, cause: number): void {
  if (cause !== WorkflowTaskFailedCause.RESET_WORKFLOW) environment.metrics.workflowTaskFailed(namespace.name, cause);
}
