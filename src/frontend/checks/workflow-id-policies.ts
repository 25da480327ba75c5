// Workflow id reuse and conflict policies: defaults and combinations (common/enums/defaults.go, workflow_handler.go, v1.31). Main loop.

import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../proto/service-errors.ts';

export interface WorkflowIdPolicies {
  readonly workflowIdReusePolicy: WorkflowIdReusePolicy;
  readonly workflowIdConflictPolicy: WorkflowIdConflictPolicy;
}

export function withDefaultIdPolicies(
  { workflowIdReusePolicy: reuse, workflowIdConflictPolicy: conflict }: WorkflowIdPolicies,
  defaultConflictPolicy: WorkflowIdConflictPolicy,
): WorkflowIdPolicies {
  // TERMINATE_IF_RUNNING is deprecated: the conflict policy says it now.
  if (conflict === WorkflowIdConflictPolicy.UNSPECIFIED && reuse === WorkflowIdReusePolicy.TERMINATE_IF_RUNNING) {
    return {
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING,
    };
  }
  return {
    workflowIdReusePolicy: reuse === WorkflowIdReusePolicy.UNSPECIFIED ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : reuse,
    workflowIdConflictPolicy: conflict === WorkflowIdConflictPolicy.UNSPECIFIED ? defaultConflictPolicy : conflict,
  };
}

export function checkIdPolicies({ workflowIdReusePolicy, workflowIdConflictPolicy }: WorkflowIdPolicies): void {
  if (
    workflowIdConflictPolicy !== WorkflowIdConflictPolicy.UNSPECIFIED &&
    workflowIdReusePolicy === WorkflowIdReusePolicy.TERMINATE_IF_RUNNING
  ) {
    throw invalidArgument(
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy',
    );
  }
  if (
    workflowIdConflictPolicy === WorkflowIdConflictPolicy.TERMINATE_EXISTING &&
    workflowIdReusePolicy === WorkflowIdReusePolicy.REJECT_DUPLICATE
  ) {
    throw invalidArgument(
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING',
    );
  }
}
