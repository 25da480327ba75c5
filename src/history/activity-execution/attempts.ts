// The attempts of an activity execution: handed to the task queue, taken by a worker, heartbeating, failed and tried again. Inside a
// decision. Facts of Temporal's chasm/lib/activity (statemachine.go, activity.go, v1.32).

import type { Payloads } from '#proto/temporal/api/common/v1';
import { RetryState, type TimeoutType, TimeoutTypeNames } from '#proto/temporal/api/enums/v1';
import { Failure, type FailureInit } from '#proto/temporal/api/failure/v1';
import { TaskCategory } from '../../persistence/index.ts';
import type { Encoded } from '../../proto/wire.ts';
import { type ActivityDeadline, earliestDeadline } from '../activity-deadline.ts';
import { decideActivityRetry, nextRetryDelay } from '../backoff/index.ts';
import { keptFailure } from '../kept-failure.ts';
import { TaskType } from '../queues/task-type.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage } from './activity-stage.ts';
import { restoreOriginalOptions } from './options.ts';

// -- Tasks

/** The current attempt goes to the task queue at `scheduledTime`; what was on its way there is obsolete. */
export function dispatchAt(execution: ActivityExecution, dispatchMs: number): void {
  const { state } = execution;
  state.scheduledTime = dispatchMs;
  const task = { attempt: state.attempt, stamp: state.stamp };
  if (dispatchMs <= execution.nowMs) {
    execution.addTask(TaskCategory.TRANSFER, { type: TaskType.ACTIVITY_EXECUTION_DISPATCH, ...task });
  } else {
    execution.addTask(TaskCategory.TIMER, { type: TaskType.ACTIVITY_EXECUTION_BACKOFF, ...task }, dispatchMs);
  }
  addTimeoutTask(execution);
}

/** Not before the start delay is over, as long as no worker has had the activity. */
export function afterStartDelay(execution: ActivityExecution, timeMs: number): number {
  return execution.state.firstStartedTime === undefined ? Math.max(timeMs, execution.firstDispatchMs) : timeMs;
}

/** What ends the current attempt, or the activity, next. */
export function nextDeadline(execution: ActivityExecution): ActivityDeadline | undefined {
  if (!execution.isOpen) return undefined;
  const { state, hasAttemptInProgress, firstDispatchMs } = execution;
  const waits = state.stage === ActivityStage.SCHEDULED ? 'waiting' : 'held';
  const phase = hasAttemptInProgress ? 'running' : waits;
  return earliestDeadline({ ...state, firstScheduledTime: firstDispatchMs }, phase);
}

/** One queued timer, at the next deadline; none if an earlier one is queued, which will set the next. */
export function addTimeoutTask(execution: ActivityExecution): void {
  const { state } = execution;
  const deadline = nextDeadline(execution);
  if (deadline === undefined) return;
  const queuedMs = state.timerTaskTime;
  if (queuedMs !== undefined && queuedMs > execution.nowMs && queuedMs <= deadline.timeMs) return;
  state.timerTaskTime = deadline.timeMs;
  const { timeoutType, timeMs } = deadline;
  execution.addTask(TaskCategory.TIMER, { type: TaskType.ACTIVITY_EXECUTION_TIMEOUT, timeoutType }, timeMs);
}

// -- Life of an attempt

/** The first one. */
export function scheduleFirstAttempt(execution: ActivityExecution): void {
  const { state } = execution;
  state.stage = ActivityStage.SCHEDULED;
  state.attempt = 1;
  state.stamp = 1;
  dispatchAt(execution, execution.firstDispatchMs);
  execution.markVisibility();
}

export interface StartAttempt {
  readonly requestId: string;
  readonly identity: string;
  readonly sdkName: string;
  readonly sdkVersion: string;
}

/** A worker takes it. */
export function startAttempt(execution: ActivityExecution, start: StartAttempt): void {
  const { state, nowMs } = execution;
  state.stage = ActivityStage.STARTED;
  state.startedTime = nowMs;
  state.startedStamp = state.stamp;
  state.firstStartedTime ??= nowMs;
  state.startRequestId = start.requestId;
  state.lastWorkerIdentity = start.identity;
  state.sdkName = start.sdkName;
  state.sdkVersion = start.sdkVersion;
  addTimeoutTask(execution);
}

/** No worker got the started attempt: it is `start`'s from now on, and nobody else's who comes for it. */
export function takeOverStart(execution: ActivityExecution, start: Pick<StartAttempt, 'requestId' | 'identity'>): void {
  execution.state.startRequestId = start.requestId;
  execution.state.lastWorkerIdentity = start.identity;
}

export function recordHeartbeat(execution: ActivityExecution, details: Encoded<Payloads> | undefined): void {
  const { state } = execution;
  execution.setContent('heartbeat', details);
  state.lastHeartbeatTime = execution.nowMs;
  state.heartbeatCount++;
}

/**
 * The attempt failed or timed out. Plans the next one, or what a pause or a reset makes of it, and returns IN_PROGRESS; else says
 * why there is none.
 */
export function tryAgain(execution: ActivityExecution, failure: Encoded<Failure> | undefined): number {
  const { state, nowMs } = execution;
  if (state.stage === ActivityStage.RESET_REQUESTED) {
    beginAnew(execution, failure);
    return RetryState.IN_PROGRESS;
  }
  const { retryState, backoffMs = 0 } = decideActivityRetry(
    {
      nowMs,
      attempt: state.attempt,
      policy: state.retryPolicy,
      expirationTimeMs: scheduleToCloseDeadlineMs(execution),
      cancelRequested: state.stage === ActivityStage.CANCEL_REQUESTED,
      paused: false,
    },
    failure,
  );
  if (retryState !== RetryState.IN_PROGRESS) return retryState;
  const waitsForUnpause = state.stage === ActivityStage.PAUSE_REQUESTED;
  recordAttemptFailure(execution, failure);
  state.attempt++;
  state.stamp++;
  state.currentRetryInterval = backoffMs;
  state.retryIntervalFromWorker = nextRetryDelay(failure && Failure.decode(failure)) !== undefined;
  if (waitsForUnpause) {
    hold(execution);
  } else {
    state.stage = ActivityStage.SCHEDULED;
    dispatchAt(execution, nowMs + backoffMs);
  }
  return retryState;
}

/** Paused from now on: nothing is on its way to the task queue. */
export function hold(execution: ActivityExecution): void {
  execution.state.stage = ActivityStage.PAUSED;
  execution.state.scheduledTime = undefined;
  addTimeoutTask(execution);
  execution.markVisibility();
}

/** The reset that waited for the end of this attempt. */
function beginAnew(execution: ActivityExecution, failure: Encoded<Failure> | undefined): void {
  const { state } = execution;
  recordAttemptFailure(execution, failure);
  if (state.resetRestoresOptions) restoreOriginalOptions(execution);
  if (state.resetHeartbeat) clearHeartbeat(execution);
  const { resetKeepsPaused } = state;
  state.resetRestoresOptions = false;
  state.resetHeartbeat = false;
  state.resetKeepsPaused = false;
  countFromOne(execution);
  if (resetKeepsPaused) {
    hold(execution);
    return;
  }
  state.stage = ActivityStage.SCHEDULED;
  dispatchAt(execution, afterStartDelay(execution, execution.nowMs));
}

/** The next attempt is the first one again, without a backoff. */
export function countFromOne(execution: ActivityExecution): void {
  const { state } = execution;
  state.attempt = 1;
  state.stamp++;
  state.currentRetryInterval = undefined;
  state.retryIntervalFromWorker = false;
}

export function clearHeartbeat(execution: ActivityExecution): void {
  execution.setContent('heartbeat', undefined);
  execution.state.lastHeartbeatTime = undefined;
}

function recordAttemptFailure(execution: ActivityExecution, failure: Encoded<Failure> | undefined): void {
  const { environment, namespace, state } = execution;
  execution.setContent('failure', keptFailure(environment.config, namespace.name, failure));
  state.lastAttemptCompleteTime = execution.nowMs;
}

export function scheduleToCloseDeadlineMs(execution: ActivityExecution): number | undefined {
  const timeoutMs = execution.state.scheduleToCloseTimeout ?? 0;
  return timeoutMs > 0 ? execution.firstDispatchMs + timeoutMs : undefined;
}

/** When the retry that is planned goes to the task queue; undefined if none is. */
export function retryDispatchMs(execution: ActivityExecution): number | undefined {
  const { currentRetryInterval, lastAttemptCompleteTime } = execution.state;
  const isPlanned = currentRetryInterval !== undefined && currentRetryInterval > 0;
  return isPlanned && lastAttemptCompleteTime !== undefined
    ? lastAttemptCompleteTime + currentRetryInterval
    : undefined;
}

/** What Temporal says of a timeout. */
export function timeoutFailure(timeoutType: number, more: FailureInit = {}, lastHeartbeatDetails?: Uint8Array) {
  return Failure.encode({
    message: `activity ${TimeoutTypeNames.get(timeoutType)} timeout`,
    ...more,
    timeoutFailureInfo: { timeoutType: timeoutType as TimeoutType, lastHeartbeatDetails },
  });
}
