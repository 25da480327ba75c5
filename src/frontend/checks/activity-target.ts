// The activity that an operator's call is about: its id or its type. Main loop.

import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { workflowIdNotSet } from './execution.ts';

export interface ActivityTarget {
  readonly execution: WorkflowExecution | undefined;
  // One of them; UpdateActivityOptions knows no `unpauseAll`, PauseActivity no `matchAll`, and so on.
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly matchAll?: boolean | undefined;
  readonly unpauseAll?: boolean | undefined;
}

/** The id of the workflow that has the activity. */
export function checkActivityTarget(target: ActivityTarget): string {
  const workflowId = target.execution?.workflowId ?? '';
  if (workflowId === '') throw workflowIdNotSet();
  const { id, type, matchAll, unpauseAll } = target;
  if (id === undefined && type === undefined && matchAll === undefined && unpauseAll === undefined) {
    throw invalidArgument('Either Activity.Id or Activity.Type should be set on request.');
  }
  return workflowId;
}
