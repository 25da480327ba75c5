// The pending activities that an operator's call is about.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { activityNotFound, workflowCompleted } from '../errors.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface PendingActivityTarget {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly matchAll?: boolean | undefined;
}

/**
 * Throws NOT_FOUND if there is none, or the run has ended. Differs: `matchAll` means all, while v1.31 knows the field but finds
 * nothing by it.
 */
export function findPendingActivities(workflow: Workflow, target: PendingActivityTarget): ActivityInfo[] {
  if (!workflow.isRunning) throw workflowCompleted();
  const { id, type, matchAll } = target;
  const pending = [...workflow.activities.values()];
  const found =
    id !== undefined
      ? pending.filter((activity) => activity.activityId === id)
      : type !== undefined
        ? pending.filter((activity) => activity.activityType === type)
        : matchAll === true
          ? pending
          : [];
  if (found.length === 0) throw activityNotFound();
  return found;
}
