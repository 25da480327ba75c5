// What an operator does to a pending activity: pause, go on, begin anew, change its options. Each change that makes an attempt
// handed to matching obsolete raises the activity's stamp. Inside a decision. Source: service/history/workflow/activity.go, v1.31.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import type { ActivityOptions } from '#proto/temporal/api/activity/v1';
import { exponentialBackoffMs } from '../backoff/index.ts';
import { addRetryTask, addTimeoutTask } from './activity.ts';
import { updatePauseInfo } from './pause-info.ts';
import { spread } from './spread.ts';
import type { Workflow } from './workflow.ts';

/** Waits for an attempt: not with a worker, not asked to stop. */
function isScheduled(activity: ActivityInfo): boolean {
  return activity.startedEventId === 0 && !activity.cancelRequested;
}

function put(workflow: Workflow, activity: ActivityInfo): void {
  const before = workflow.activities.get(activity.scheduledEventId);
  workflow.activities.put(activity.scheduledEventId, activity);
  if (before !== undefined && before.paused !== activity.paused) updatePauseInfo(workflow);
}

/** An attempt that a worker has may finish; one that waits is taken back. */
export function pauseActivity(
  workflow: Workflow,
  activity: ActivityInfo,
  pause: { readonly identity: string; readonly reason: string },
): void {
  if (activity.paused) return;
  put(workflow, {
    ...activity,
    stamp: isScheduled(activity) ? activity.stamp + 1 : activity.stamp,
    paused: true,
    pauseTime: workflow.nowMs,
    pauseIdentity: pause.identity,
    pauseReason: pause.reason,
  });
}

const NOT_PAUSED = { paused: false, pauseTime: undefined, pauseIdentity: '', pauseReason: '' } as const;
const NO_HEARTBEAT = { lastHeartbeatDetails: undefined, lastHeartbeatTime: undefined } as const;

export interface Unpause {
  readonly resetAttempts: boolean;
  readonly resetHeartbeat: boolean;
  readonly jitterMs: number;
}

export function unpauseActivity(workflow: Workflow, activity: ActivityInfo, unpause: Unpause): void {
  if (!activity.paused) return;
  const next: ActivityInfo = {
    ...activity,
    ...NOT_PAUSED,
    ...(unpause.resetHeartbeat ? NO_HEARTBEAT : {}),
    stamp: activity.stamp + 1,
    attempt: unpause.resetAttempts ? 1 : activity.attempt,
  };
  put(workflow, next);
  if (isScheduled(next)) scheduleAttempt(workflow, next, soon(workflow, unpause.jitterMs));
  // Paused activities have no deadlines.
  addTimeoutTask(workflow, activity.scheduledEventId);
}

export interface Reset {
  readonly resetHeartbeat: boolean;
  readonly keepPaused: boolean;
  readonly jitterMs: number;
  /** The options the activity was scheduled with, to restore them. */
  readonly originalOptions: ChangedOptions | undefined;
}

/** Attempts count from one again. A running attempt goes on and is told when it heartbeats. */
export function resetActivity(workflow: Workflow, activity: ActivityInfo, reset: Reset): void {
  let next: ActivityInfo = {
    ...activity,
    attempt: 1,
    activityReset: true,
    resetHeartbeats: activity.resetHeartbeats || reset.resetHeartbeat,
  };
  // Differs: the priority that was changed is restored too, as it is by UpdateActivityOptions.
  if (reset.originalOptions !== undefined) next = withOptions(next, reset.originalOptions);
  const isRunning = activity.startedEventId !== 0 && !activity.cancelRequested;
  if (isRunning || (activity.paused && reset.keepPaused)) {
    put(workflow, next);
  } else {
    next = { ...next, ...NOT_PAUSED, stamp: next.stamp + 1 };
    if (isScheduled(next) && reset.resetHeartbeat) next = { ...next, ...NO_HEARTBEAT };
    put(workflow, next);
    if (isScheduled(next)) scheduleAttempt(workflow, next, soon(workflow, reset.jitterMs));
  }
  addTimeoutTask(workflow, activity.scheduledEventId);
}

export type ChangedOptions = Pick<
  ActivityOptions,
  | 'taskQueue'
  | 'scheduleToCloseTimeout'
  | 'scheduleToStartTimeout'
  | 'startToCloseTimeout'
  | 'heartbeatTimeout'
  | 'retryPolicy'
  | 'priority'
>;

export function changeActivityOptions(workflow: Workflow, activity: ActivityInfo, options: ChangedOptions): void {
  const next = withOptions(activity, options);
  put(workflow, next);
  if (isScheduled(next)) scheduleAttempt(workflow, next, nextAttemptMs(next));
  addTimeoutTask(workflow, activity.scheduledEventId);
}

function withOptions(activity: ActivityInfo, options: ChangedOptions): ActivityInfo {
  const { retryPolicy } = options;
  return {
    ...activity,
    stamp: activity.stamp + 1,
    taskQueue: options.taskQueue?.name ?? activity.taskQueue,
    scheduleToCloseTimeout: options.scheduleToCloseTimeout,
    scheduleToStartTimeout: options.scheduleToStartTimeout,
    startToCloseTimeout: options.startToCloseTimeout,
    heartbeatTimeout: options.heartbeatTimeout,
    priority: options.priority,
    retryPolicy:
      retryPolicy === undefined
        ? activity.retryPolicy
        : { ...retryPolicy, nonRetryableErrorTypes: activity.retryPolicy?.nonRetryableErrorTypes ?? [] },
  };
}

/** When the waiting attempt is due under the options it has now. */
function nextAttemptMs(activity: ActivityInfo): number {
  const scheduledMs = activity.scheduledTime ?? 0;
  const policy = activity.retryPolicy;
  if (activity.attempt <= 1 || policy === undefined) return scheduledMs;
  let intervalMs = exponentialBackoffMs(policy, activity.attempt);
  const maximumMs = policy.maximumInterval ?? 0;
  if (maximumMs !== 0 && (intervalMs <= 0 || intervalMs > maximumMs)) intervalMs = maximumMs;
  return intervalMs > 0 ? (activity.lastAttemptCompleteTime ?? 0) + intervalMs : scheduledMs;
}

function soon(workflow: Workflow, jitterMs: number): number {
  return workflow.nowMs + (jitterMs > 0 ? Math.trunc(jitterMs * spread(workflow.environment)) : 0);
}

/** The waiting attempt goes to matching at that time; what was handed there before is obsolete. */
function scheduleAttempt(workflow: Workflow, activity: ActivityInfo, timeMs: number): void {
  const next: ActivityInfo = {
    ...activity,
    ...(activity.resetHeartbeats ? NO_HEARTBEAT : {}),
    version: workflow.version,
    scheduledTime: timeMs,
    startedEventId: 0,
    requestId: '',
    startedTime: undefined,
    startedIdentity: '',
    retryLastWorkerIdentity: activity.startedIdentity || activity.retryLastWorkerIdentity,
    retryLastFailure: undefined,
    activityReset: false,
    resetHeartbeats: false,
  };
  workflow.activities.put(activity.scheduledEventId, next);
  addRetryTask(workflow, next);
}
