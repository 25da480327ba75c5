// Where a query goes: to a worker by itself, onto the next workflow task, or back to the client. Decided by the shard when a
// query arrives; history thread.

import { QueryRejectCondition, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import type { ServiceError } from '../../../base/service-error.ts';
import { workflowNotReady } from '../../../proto/service-errors.ts';

/** A workflow whose task failed this often will fail on the query as well. Source: queryworkflow/api.go, v1.31.2. */
const FAILING_WORKFLOW_TASK_ATTEMPTS = 3;

export interface QueriedWorkflow {
  readonly status: WorkflowExecutionStatus;
  readonly isRunning: boolean;
  readonly hasCompletedAnyWorkflowTask: boolean;
  /** A workflow task was ever scheduled. */
  readonly hadOrHasWorkflowTask: boolean;
  readonly hasPendingWorkflowTask: boolean;
  /** Attempt of the pending workflow task; 1 when there is none. */
  readonly workflowTaskAttempt: number;
  /** When the first workflow task is scheduled: start time plus first workflow task backoff. */
  readonly firstWorkflowTaskTimeMs: number;
}

export type QueryRoute =
  | { readonly kind: 'direct' }
  | { readonly kind: 'buffer' }
  | { readonly kind: 'rejected'; readonly status: WorkflowExecutionStatus };

/** Throws WorkflowNotReady when no worker could answer before `deadlineMs`. */
export function routeQuery(
  workflow: QueriedWorkflow,
  rejectCondition: QueryRejectCondition,
  deadlineMs: number,
): QueryRoute {
  const { status } = workflow;
  if (isRejected(status, rejectCondition)) return { kind: 'rejected', status };
  if (status === WorkflowExecutionStatus.PAUSED) return { kind: 'rejected', status };
  const problem = unanswerable(workflow, deadlineMs);
  if (problem !== undefined) throw problem;
  // Without a workflow task under way no event came before the query that a worker has not seen.
  const nothingUnderWay = !workflow.isRunning || !workflow.hasPendingWorkflowTask;
  return { kind: workflow.hasCompletedAnyWorkflowTask && nothingUnderWay ? 'direct' : 'buffer' };
}

function isRejected(status: WorkflowExecutionStatus, condition: QueryRejectCondition): boolean {
  if (status === WorkflowExecutionStatus.RUNNING) return false;
  if (condition === QueryRejectCondition.NOT_OPEN) return true;
  return condition === QueryRejectCondition.NOT_COMPLETED_CLEANLY && status !== WorkflowExecutionStatus.COMPLETED;
}

function unanswerable(workflow: QueriedWorkflow, deadlineMs: number): ServiceError | undefined {
  if (!workflow.isRunning && !workflow.hasCompletedAnyWorkflowTask) {
    return workflowNotReady('Workflow execution closed before WorkflowTaskStarted event');
  }
  const waitsTooLong = deadlineMs === Number.POSITIVE_INFINITY || workflow.firstWorkflowTaskTimeMs > deadlineMs;
  if (!workflow.hadOrHasWorkflowTask && waitsTooLong) {
    return workflowNotReady('Workflow task is not scheduled yet.');
  }
  if (workflow.workflowTaskAttempt >= FAILING_WORKFLOW_TASK_ATTEMPTS) {
    return workflowNotReady('Unable to query workflow due to Workflow Task in failed state.');
  }
  return undefined;
}
