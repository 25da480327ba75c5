// Answers about activity executions, with Temporal's codes and words (chasm/lib/activity, v1.32).

import type { ServiceError } from '../../base/service-error.ts';
import { failedPrecondition, notFound } from '../../proto/service-errors.ts';
import { stageName } from './activity-stage.ts';

/** Also of an attempt that is over: Temporal's engine says of everything it does not find that the activity is not there. */
export const activityExecutionNotFound = (activityId: string): ServiceError =>
  notFound(`activity not found for ID: ${activityId}`);

/** It has ended, and in its own way. */
export const hasEnded = (stage: number): ServiceError =>
  failedPrecondition(`invalid transition from ${stageName(stage)}`);
