// Priority and fairness of tasks, as commands may set them.

import type { Priority } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../../../proto/service-errors.ts';

/** Source: common/priorities, v1.31.2. */
const MAX_FAIRNESS_KEY_BYTES = 64;

/** Throws INVALID_ARGUMENT. */
export function validatePriority(priority: Priority | undefined): void {
  if (priority === undefined) return;
  if (priority.priorityKey < 0) throw invalidArgument("priority key can't be negative");
  if (Buffer.byteLength(priority.fairnessKey) > MAX_FAIRNESS_KEY_BYTES) {
    throw invalidArgument('fairness key length exceeds limit');
  }
  if (priority.fairnessWeight < 0) throw invalidArgument('must be greater than zero');
}
