// What DescribeActivityExecution says of an activity execution. Facts of Temporal's chasm/lib/activity (activity.go
// buildActivityExecutionInfo, v1.32).

import type { ActivityExecutionInfoInit } from '#proto/temporal/api/activity/v1';
import type { ActivityExecutionStatus, PendingActivityState } from '#proto/temporal/api/enums/v1';
import type {
  DescribeActivityExecutionRequest,
  DescribeActivityExecutionResponseInit,
} from '#proto/temporal/api/workflowservice/v1';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage, runStateOf, statusOf } from './activity-stage.ts';
import { scheduleToCloseDeadlineMs } from './attempts.ts';
import { outcomeOf } from './close.ts';
import { encodeLongPollToken } from './token.ts';

export function describeActivity(
  execution: ActivityExecution,
  asked: DescribeActivityExecutionRequest,
): DescribeActivityExecutionResponseInit {
  return {
    runId: execution.runId,
    info: infoOf(execution, asked),
    input: asked.includeInput ? execution.request.input : undefined,
    outcome: asked.includeOutcome ? outcomeOf(execution) : undefined,
    longPollToken: encodeLongPollToken(execution),
  };
}

function infoOf(execution: ActivityExecution, asked: DescribeActivityExecutionRequest): ActivityExecutionInfoInit {
  const { state, request, nowMs, firstDispatchMs } = execution;
  const { scheduleTime, closeTime, scheduledTime } = state;
  // Only while the attempt waits for its time is there something to say of it.
  const waitsUntilMs =
    state.stage === ActivityStage.SCHEDULED && scheduledTime !== undefined && scheduledTime > nowMs
      ? scheduledTime
      : undefined;
  return {
    activityId: execution.activityId,
    runId: execution.runId,
    activityType: { name: state.activityType },
    status: statusOf(state.stage) as ActivityExecutionStatus,
    runState: runStateOf(state.stage, state.resetKeepsPaused) as PendingActivityState,
    taskQueue: state.taskQueue,
    scheduleToCloseTimeout: state.scheduleToCloseTimeout,
    scheduleToStartTimeout: state.scheduleToStartTimeout,
    startToCloseTimeout: state.startToCloseTimeout,
    heartbeatTimeout: state.heartbeatTimeout,
    retryPolicy: state.retryPolicy,
    heartbeatDetails: asked.includeHeartbeatDetails ? execution.content('heartbeat') : undefined,
    lastHeartbeatTime: state.lastHeartbeatTime,
    lastStartedTime: state.startedTime,
    attempt: state.attempt,
    executionDuration: closeTime === undefined ? undefined : closeTime - (scheduleTime ?? closeTime),
    scheduleTime,
    expirationTime: scheduleToCloseDeadlineMs(execution),
    closeTime,
    lastFailure: asked.includeLastFailure ? execution.content('failure') : undefined,
    lastWorkerIdentity: state.lastWorkerIdentity,
    currentRetryInterval: waitsUntilMs === undefined ? undefined : state.currentRetryInterval,
    lastAttemptCompleteTime: state.lastAttemptCompleteTime,
    nextAttemptScheduleTime: waitsUntilMs,
    priority: state.priority,
    stateTransitionCount: state.stateTransitionCount,
    stateSizeBytes: execution.sizeBytes,
    searchAttributes: request.searchAttributes ?? Buffer.alloc(0),
    header: request.header,
    userMetadata: request.userMetadata,
    canceledReason: state.cancelReason,
    links: request.links,
    totalHeartbeatCount: state.heartbeatCount,
    sdkName: state.sdkName,
    sdkVersion: state.sdkVersion,
    startDelay: state.startDelay,
    executionTime: firstDispatchMs,
  };
}
