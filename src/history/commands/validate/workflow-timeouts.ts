// How a workflow's timeouts bound each other, for commands and for starts.

/** No worker may hold a workflow task longer. Source: service/history/api/create_workflow_util.go, v1.31.2. */
export const MAX_WORKFLOW_TASK_TIMEOUT_MS = 120_000;

/** The run ends with the execution; 0 is no timeout. */
export function effectiveRunTimeout(runTimeoutMs: number | undefined, executionTimeoutMs: number | undefined): number {
  if (!executionTimeoutMs) return runTimeoutMs ?? 0;
  if (!runTimeoutMs) return executionTimeoutMs;
  return Math.min(runTimeoutMs, executionTimeoutMs);
}

export function effectiveWorkflowTaskTimeout(
  taskTimeoutMs: number | undefined,
  runTimeoutMs: number,
  defaultMs: number,
): number {
  const capped = Math.min(taskTimeoutMs || defaultMs, MAX_WORKFLOW_TASK_TIMEOUT_MS);
  return runTimeoutMs === 0 ? capped : Math.min(capped, runTimeoutMs);
}
