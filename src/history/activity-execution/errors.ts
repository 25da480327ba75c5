// Answers about activity executions, with Temporal's codes and words (chasm/lib/activity, v1.32).

import type { ServiceError } from '../../base/service-error.ts';
import { notFound } from '../../proto/service-errors.ts';

/** Also of an attempt that is over: Temporal's engine says of everything it does not find that the activity is not there. */
export const activityExecutionNotFound = (activityId: string): ServiceError =>
  notFound(`activity not found for ID: ${activityId}`);
