import type { Priority } from '#proto/temporal/api/common/v1';

/** Field by field, what `override` sets counts (common/priorities Merge, v1.31). */
export function mergePriority(base: Priority | undefined, override: Priority | undefined): Priority | undefined {
  if (base === undefined || override === undefined) return override ?? base;
  return {
    priorityKey: override.priorityKey || base.priorityKey,
    fairnessKey: override.fairnessKey || base.fairnessKey,
    fairnessWeight: override.fairnessWeight || base.fairnessWeight,
  };
}
