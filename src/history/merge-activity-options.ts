// Options of an activity with those that a field mask names taken from a request. For activities of workflows and those without one.

import type { ActivityOptions } from '#proto/temporal/api/activity/v1';
import type { Priority, RetryPolicy } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../proto/service-errors.ts';
import type { ChangedOptions } from './workflow/activity-operations.ts';

/** The options as they are. */
export interface MergedInto {
  readonly taskQueue: string;
  readonly scheduleToCloseTimeout: number | undefined;
  readonly scheduleToStartTimeout: number | undefined;
  readonly startToCloseTimeout: number | undefined;
  readonly heartbeatTimeout: number | undefined;
  readonly priority: Priority | undefined;
  readonly retryPolicy: RetryPolicy | undefined;
}

const NO_PRIORITY: Priority = { priorityKey: 0, fairnessKey: '', fairnessWeight: 0 };
const NO_RETRY_POLICY: RetryPolicy = {
  initialInterval: undefined,
  backoffCoefficient: 0,
  maximumInterval: undefined,
  maximumAttempts: 0,
  nonRetryableErrorTypes: [],
};

/** `paths` as camelPaths has them. Paths that are no option change nothing. */
export function mergeActivityOptions(
  into: MergedInto,
  from: ActivityOptions,
  paths: ReadonlySet<string>,
): ChangedOptions {
  const timeout = (
    name: 'scheduleToCloseTimeout' | 'scheduleToStartTimeout' | 'startToCloseTimeout' | 'heartbeatTimeout',
  ) => (paths.has(name) ? from[name] : into[name]);
  if (paths.has('taskQueue.name') && from.taskQueue === undefined) throw invalidArgument('TaskQueue is not provided');
  const taskQueue = paths.has('taskQueue.name') ? (from.taskQueue?.name ?? '') : into.taskQueue;
  return {
    taskQueue: { name: taskQueue, kind: 0, normalName: '' },
    scheduleToCloseTimeout: timeout('scheduleToCloseTimeout'),
    scheduleToStartTimeout: timeout('scheduleToStartTimeout'),
    startToCloseTimeout: timeout('startToCloseTimeout'),
    heartbeatTimeout: timeout('heartbeatTimeout'),
    priority: mergePriority(into.priority, from.priority, paths),
    retryPolicy: mergeRetryPolicy(into.retryPolicy, from.retryPolicy, paths),
  };
}

function mergePriority(
  into: Priority | undefined,
  from: Priority | undefined,
  paths: ReadonlySet<string>,
): Priority | undefined {
  let merged = paths.has('priority') ? from : into;
  for (const field of ['priorityKey', 'fairnessKey', 'fairnessWeight'] as const) {
    if (!paths.has(`priority.${field}`)) continue;
    if (from === undefined) throw invalidArgument('Priority is not provided');
    merged = { ...(merged ?? NO_PRIORITY), [field]: from[field] };
  }
  return merged;
}

function mergeRetryPolicy(
  into: RetryPolicy | undefined,
  from: RetryPolicy | undefined,
  paths: ReadonlySet<string>,
): RetryPolicy {
  const notProvided = () => invalidArgument('RetryPolicy is not provided');
  let merged = into ?? NO_RETRY_POLICY;
  if (paths.has('retryPolicy')) {
    if (from === undefined) throw notProvided();
    merged = from;
  }
  for (const field of ['initialInterval', 'backoffCoefficient', 'maximumInterval', 'maximumAttempts'] as const) {
    if (!paths.has(`retryPolicy.${field}`)) continue;
    if (from === undefined) throw notProvided();
    merged = { ...merged, [field]: from[field] };
  }
  return merged;
}
