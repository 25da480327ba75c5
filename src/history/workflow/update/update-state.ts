// The states of an update and what may happen in each.
//
//   created ──admit──▶ admitted ──send──▶ sent ──accept──▶ accepted ──complete──▶ completed
//                          │                │──reject──▶ completed (not counted)
//                          └──accept/reject─┘  after the registry was lost and the client asked again
//   any but completed ──abort──▶ aborted

export const UpdateState = Object.freeze({
  CREATED: 'Created',
  ADMITTED: 'Admitted',
  SENT: 'Sent',
  ACCEPTED: 'Accepted',
  COMPLETED: 'Completed',
  ABORTED: 'Aborted',
});
export type UpdateState = (typeof UpdateState)[keyof typeof UpdateState];

/** Why updates end without their worker's answer. */
export const AbortReason = Object.freeze({
  WORKFLOW_COMPLETED: 'WorkflowCompleted',
  /** A new run follows (continue-as-new, retry, cron, reset): the client's retry reaches it. */
  WORKFLOW_CONTINUING: 'WorkflowContinuing',
  /** The server failed the workflow task that the worker completed. */
  WORKFLOW_TASK_FAILED: 'WorkflowTaskFailed',
});
export type AbortReason = (typeof AbortReason)[keyof typeof AbortReason];
