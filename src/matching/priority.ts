// Priority levels of tasks: 1 is served first. Temporal's config.setDefaultPriority and clamping, service/matching v1.31.

import type { Priority } from '#proto/temporal/api/common/v1';

/** matching.priorityLevels in Temporal; fixed here, because backlogs are stored by level. */
export const PRIORITY_LEVELS = 5;

/** Tasks without a priority, and queries, are of the middle level. */
export const DEFAULT_LEVEL = Math.floor((PRIORITY_LEVELS + 1) / 2);

export function levelOf(priority: Priority | undefined): number {
  const key = priority?.priorityKey ?? 0;
  if (key <= 0) return DEFAULT_LEVEL;
  return Math.min(key, PRIORITY_LEVELS);
}
