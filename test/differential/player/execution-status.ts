// Which states of a run are open.

import { enums } from '../../end-to-end/harness/api.ts';

export function isOpen(state: number | null | undefined): boolean {
  const { WorkflowExecutionStatus: Status } = enums;
  return state === Status.WORKFLOW_EXECUTION_STATUS_RUNNING || state === Status.WORKFLOW_EXECUTION_STATUS_PAUSED;
}
