// Priorities (common/priorities/priority_util.go, v1.31). Main loop.

import type { Priority } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { isLongerThan } from './text-length.ts';

const FAIRNESS_KEY_MAX_BYTES = 64;

export function checkPriority(priority: Priority | undefined): void {
  if (priority === undefined) return;
  if (priority.priorityKey < 0) throw invalidArgument("priority key can't be negative");
  checkFairnessKey(priority.fairnessKey);
  if (priority.fairnessWeight < 0) throw invalidArgument(INVALID_FAIRNESS_WEIGHT);
}

export function checkFairnessKey(key: string): void {
  if (isLongerThan(key, FAIRNESS_KEY_MAX_BYTES)) throw invalidArgument('fairness key length exceeds limit');
}

export const INVALID_FAIRNESS_WEIGHT = 'must be greater than zero';
