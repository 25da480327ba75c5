// What a start does when the workflow id has a run already: the conflict policy for an open one, the reuse policy for a closed
// one, and the pause that keeps a workflow id from being started in a tight loop. Messages as Temporal's workflow_id_dedup (v1.31).

import type { CurrentExecution } from '#proto/ostinato/persistence/v1';
import {
  EventType,
  ResourceExhaustedCause,
  ResourceExhaustedScope,
  WorkflowExecutionStatus,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '#proto/temporal/api/enums/v1';
import { internal, resourceExhausted, workflowAlreadyStarted } from '../../proto/service-errors.ts';
import { startRequestId } from '../reset/index.ts';
import { RunState } from '../workflow/workflow.ts';

export type DuplicateResolution = 'start' | 'useExisting' | 'terminateExisting';

const FAILED_STATUSES: ReadonlySet<number> = new Set([
  WorkflowExecutionStatus.FAILED,
  WorkflowExecutionStatus.CANCELED,
  WorkflowExecutionStatus.TERMINATED,
  WorkflowExecutionStatus.TIMED_OUT,
]);

export interface StartPolicies {
  readonly reusePolicy: number;
  readonly conflictPolicy: number;
}

/** Terminate-if-running is a conflict policy by now; unset policies have Temporal's defaults. */
export function effectivePolicies(
  reusePolicy: number,
  conflictPolicy: number,
  defaultConflictPolicy: number,
): StartPolicies {
  if (reusePolicy === WorkflowIdReusePolicy.TERMINATE_IF_RUNNING) {
    return {
      reusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      conflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING,
    };
  }
  return {
    reusePolicy: reusePolicy || WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    conflictPolicy: conflictPolicy || defaultConflictPolicy,
  };
}

export function resolveDuplicate(
  workflowId: string,
  current: CurrentExecution,
  policies: StartPolicies,
  clock: { readonly nowMs: number; readonly minimalIntervalMs: number },
): DuplicateResolution {
  const sinceStartMs = clock.nowMs - (current.startTime ?? 0);
  const tooSoon = clock.minimalIntervalMs !== 0 && sinceStartMs <= clock.minimalIntervalMs;
  const busy = (what: string) =>
    resourceExhausted(
      `Too many ${what} for workflow ${workflowId}. Time since last start: ${Math.trunc(sinceStartMs)} ms`,
      ResourceExhaustedCause.BUSY_WORKFLOW,
      ResourceExhaustedScope.NAMESPACE,
    );
  // A run that a reset made answers to the start's request id, too.
  const requestId = startRequestId(current.requestIds, EventType.WORKFLOW_EXECUTION_STARTED, current.createRequestId);
  const alreadyStarted = (message: string) => workflowAlreadyStarted(message, requestId, current.runId);
  const ids = `WorkflowId: ${workflowId}, RunId: ${current.runId}.`;
  if (current.state !== RunState.COMPLETED) {
    switch (policies.conflictPolicy) {
      case WorkflowIdConflictPolicy.FAIL:
        throw alreadyStarted(`Workflow execution is already running. ${ids}`);
      case WorkflowIdConflictPolicy.USE_EXISTING:
        return 'useExisting';
      case WorkflowIdConflictPolicy.TERMINATE_EXISTING:
        if (tooSoon) throw busy('restarts');
        return 'terminateExisting';
      default:
        throw internal(`Failed to process start workflow id conflict policy: ${policies.conflictPolicy}.`);
    }
  }
  switch (policies.reusePolicy) {
    case WorkflowIdReusePolicy.ALLOW_DUPLICATE:
      break;
    case WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY:
      if (FAILED_STATUSES.has(current.status)) break;
      throw alreadyStarted(
        `Workflow execution already finished successfully. ${ids} Workflow Id reuse policy: allow duplicate workflow Id if last run failed.`,
      );
    case WorkflowIdReusePolicy.REJECT_DUPLICATE:
      throw alreadyStarted(
        `Workflow execution already finished. ${ids} Workflow Id reuse policy: reject duplicate workflow Id.`,
      );
    default:
      throw internal(`Failed to process start workflow id reuse policy: ${policies.reusePolicy}.`);
  }
  if (tooSoon) throw busy('starts');
  return 'start';
}
