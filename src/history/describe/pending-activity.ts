// A pending activity as DescribeWorkflowExecution shows it (GetPendingActivityInfo, v1.31).

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import type { ActivityOptionsInit } from '#proto/temporal/api/activity/v1';
import { PendingActivityState } from '#proto/temporal/api/enums/v1';
import type { PendingActivityInfoInit } from '#proto/temporal/api/workflow/v1';
import { exponentialBackoffMs } from '../backoff/index.ts';

export function pendingActivity(activity: ActivityInfo, nowMs: number): PendingActivityInfoInit {
  const { hasRetryPolicy } = activity;
  const heartbeat = activity.lastHeartbeatTime !== undefined;
  return {
    activityId: activity.activityId,
    activityType: { name: activity.activityType },
    state: shownState(activity),
    attempt: hasRetryPolicy ? Math.max(activity.attempt, 1) : 1,
    maximumAttempts: hasRetryPolicy ? activity.retryPolicy?.maximumAttempts : 0,
    scheduledTime: activity.scheduledTime,
    expirationTime: hasRetryPolicy ? activity.retryExpirationTime : undefined,
    lastFailure: hasRetryPolicy ? activity.retryLastFailure : undefined,
    lastStartedTime: activity.startedTime,
    lastWorkerIdentity: activity.startedIdentity || (hasRetryPolicy ? activity.retryLastWorkerIdentity : ''),
    lastAttemptCompleteTime: activity.lastAttemptCompleteTime,
    lastHeartbeatTime: activity.lastHeartbeatTime,
    heartbeatDetails: heartbeat ? activity.lastHeartbeatDetails : undefined,
    ...nextAttempt(activity, nowMs),
    paused: activity.paused,
    pauseInfo: activity.paused
      ? {
          pauseTime: activity.pauseTime,
          manual: { identity: activity.pauseIdentity, reason: activity.pauseReason },
        }
      : undefined,
    useWorkflowBuildId: activity.useWorkflowBuildId ? {} : undefined,
    priority: activity.priority,
    activityOptions: activityOptions(activity),
  };
}

/** Where the activity is, pauses aside. */
export function activityState(activity: ActivityInfo): PendingActivityState {
  if (activity.cancelRequested) return PendingActivityState.CANCEL_REQUESTED;
  return activity.startedEventId === 0 ? PendingActivityState.SCHEDULED : PendingActivityState.STARTED;
}

function shownState(activity: ActivityInfo): PendingActivityState {
  const state = activityState(activity);
  if (!activity.paused || state === PendingActivityState.CANCEL_REQUESTED) return state;
  return state === PendingActivityState.SCHEDULED ? PendingActivityState.PAUSED : PendingActivityState.PAUSE_REQUESTED;
}

function nextAttempt(
  activity: ActivityInfo,
  nowMs: number,
): Pick<PendingActivityInfoInit, 'nextAttemptScheduleTime' | 'currentRetryInterval'> {
  if (activity.retryPolicy === undefined || activityState(activity) !== PendingActivityState.SCHEDULED) return {};
  const scheduledMs = activity.scheduledTime ?? 0;
  if (nowMs < scheduledMs) {
    return {
      nextAttemptScheduleTime: scheduledMs,
      currentRetryInterval: scheduledMs - (activity.lastAttemptCompleteTime ?? 0),
    };
  }
  return { currentRetryInterval: exponentialBackoffMs(activity.retryPolicy, Math.max(1, activity.attempt)) };
}

export function activityOptions(activity: ActivityInfo): ActivityOptionsInit {
  const policy = activity.retryPolicy;
  return {
    taskQueue: { name: activity.taskQueue, normalName: activity.taskQueue },
    scheduleToCloseTimeout: activity.scheduleToCloseTimeout,
    scheduleToStartTimeout: activity.scheduleToStartTimeout,
    startToCloseTimeout: activity.startToCloseTimeout,
    heartbeatTimeout: activity.heartbeatTimeout,
    priority: activity.priority,
    retryPolicy: {
      initialInterval: policy?.initialInterval,
      backoffCoefficient: policy?.backoffCoefficient,
      maximumInterval: policy?.maximumInterval,
      maximumAttempts: policy?.maximumAttempts,
    },
  };
}
