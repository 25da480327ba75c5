// The pending activities that an operator's call is about.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { activityNotFound, workflowCompleted } from '../errors.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface PendingActivityTarget {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly matchAll?: boolean | undefined;
  /** Options are given back: the activity is looked for before it is asked whether the run is open. */
  readonly restoresOptions?: boolean;
}

/**
 * Throws NOT_FOUND if there is none, or the run has ended. Differs: `matchAll` means all, while v1.31 knows the field but finds
 * nothing by it.
 */
export function findPendingActivities(workflow: Workflow, target: PendingActivityTarget): ActivityInfo[] {
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
  // An id is taken for that of an activity until it is looked for in an open run.
  const isNamed = id !== undefined && !target.restoresOptions;
  if (found.length === 0 && !isNamed) throw activityNotFound();
  if (!workflow.isRunning) throw workflowCompleted();
  if (found.length === 0) throw activityNotFound();
  return found;
}
