// The ends of an activity execution. Each leaves the outcome, the retention timer and the news for lists. Inside a decision. Facts of
// Temporal's chasm/lib/activity (statemachine.go, v1.32).

import { ActivityExecutionOutcome, type ActivityExecutionOutcomeInit } from '#proto/temporal/api/activity/v1';
import type { Payloads } from '#proto/temporal/api/common/v1';
import { RetryState, TimeoutType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { TaskCategory } from '../../persistence/index.ts';
import type { Encoded } from '../../proto/wire.ts';
import { TaskType } from '../queues/task-type.ts';
import { retentionEndMs } from '../retention.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage, isClosedStage } from './activity-stage.ts';
import { timeoutFailure } from './attempts.ts';

const OUT_OF_TIME =
  'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying';

function close(execution: ActivityExecution, stage: ActivityStage, outcome?: ActivityExecutionOutcomeInit): void {
  const { state, nowMs, environment, namespace } = execution;
  state.stage = stage;
  state.closeTime = nowMs;
  state.currentRetryInterval = undefined;
  if (outcome !== undefined) execution.setContent('outcome', ActivityExecutionOutcome.encode(outcome));
  execution.addTask(
    TaskCategory.TIMER,
    { type: TaskType.ACTIVITY_EXECUTION_RETENTION },
    retentionEndMs(environment, namespace, nowMs),
  );
  execution.markVisibility();
  environment.metrics.activityClosed(namespace.name, stage, nowMs - (state.scheduleTime ?? nowMs));
}

export function completeActivity(
  execution: ActivityExecution,
  done: { readonly result: Encoded<Payloads> | undefined; readonly identity: string },
): void {
  const { state, nowMs } = execution;
  if (!execution.hasAttemptInProgress) {
    // Completed by id between two attempts.
    state.startedTime = nowMs;
    state.firstStartedTime ??= nowMs;
  }
  state.lastAttemptCompleteTime = nowMs;
  state.lastWorkerIdentity = done.identity;
  close(execution, ActivityStage.COMPLETED, { result: done.result ?? Buffer.alloc(0) });
}

/** A worker that gives no failure leaves one all the same: without it a caller could not tell that the activity is over. */
export function failActivity(
  execution: ActivityExecution,
  failed: { readonly failure: Encoded<Failure> | undefined; readonly identity: string; readonly retryState: number },
): void {
  const { state } = execution;
  const failure = failed.failure ?? Failure.encode({ message: 'activity task failed without failure details' });
  state.lastWorkerIdentity = failed.identity;
  endAttempt(execution, failure, failed.retryState);
  close(execution, ActivityStage.FAILED);
}

/** The last failure is the outcome. */
function endAttempt(execution: ActivityExecution, failure: Encoded<Failure>, retryState: number): void {
  execution.setContent('failure', failure);
  execution.state.lastAttemptCompleteTime = execution.nowMs;
  execution.state.retryState = retryState;
}

export function cancelActivity(execution: ActivityExecution, details: Encoded<Payloads> | undefined): void {
  const failure = Failure.encode({
    message: 'Activity canceled',
    canceledFailureInfo: { details, identity: execution.state.cancelIdentity },
  });
  close(execution, ActivityStage.CANCELED, { failure });
}

export function terminateActivity(
  execution: ActivityExecution,
  { reason, identity, requestId }: { readonly reason: string; readonly identity: string; readonly requestId: string },
): void {
  execution.state.terminateRequestId = requestId;
  const failure = Failure.encode({ message: reason, terminatedFailureInfo: { identity } });
  close(execution, ActivityStage.TERMINATED, { failure });
}

/** No further attempt: the deadline ends the activity. */
export function timeOutActivity(execution: ActivityExecution, timeoutType: number, retryState: number): void {
  const before = execution.content('failure');
  const lastHeartbeatDetails = execution.content('heartbeat');
  const failure = timeoutFailure(timeoutType, { cause: before }, lastHeartbeatDetails);
  if (timeoutType === TimeoutType.SCHEDULE_TO_START || timeoutType === TimeoutType.SCHEDULE_TO_CLOSE) {
    close(execution, ActivityStage.TIMED_OUT, { failure, retryState: retryState as RetryState });
    return;
  }
  endAttempt(execution, failure, retryState);
  // Out of time for another attempt counts as the activity's own deadline, whichever timer found out.
  const outOfTime = retryState === RetryState.TIMEOUT;
  close(
    execution,
    ActivityStage.TIMED_OUT,
    outOfTime
      ? {
          failure: timeoutFailure(
            TimeoutType.SCHEDULE_TO_CLOSE,
            { message: OUT_OF_TIME, cause: before },
            lastHeartbeatDetails,
          ),
          retryState: retryState as RetryState,
        }
      : undefined,
  );
}

/** Undefined while the activity is open. */
export function outcomeOf(execution: ActivityExecution): ActivityExecutionOutcomeInit | undefined {
  const { state } = execution;
  if (!isClosedStage(state.stage)) return undefined;
  const outcome = execution.content('outcome');
  if (outcome !== undefined) return ActivityExecutionOutcome.decode(outcome);
  return { failure: execution.content('failure'), retryState: state.retryState as RetryState };
}
