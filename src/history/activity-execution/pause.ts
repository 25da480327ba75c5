// An operator pauses an activity execution, and lets it go on. A worker that has it may finish its attempt. Inside a decision. Facts
// of Temporal's chasm/lib/activity (statemachine.go, v1.32).

import { failedPrecondition } from '../../proto/service-errors.ts';
import { spread } from '../workflow/spread.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage, isClosedStage, stageName } from './activity-stage.ts';
import { afterStartDelay, dispatchAt, hold, retryDispatchMs } from './attempts.ts';

export function pauseActivity(
  execution: ActivityExecution,
  pause: { readonly requestId: string; readonly identity: string; readonly reason: string },
): void {
  const { state } = execution;
  if (state.stage !== ActivityStage.SCHEDULED && state.stage !== ActivityStage.STARTED) {
    throw failedPrecondition(`activity is in non-pausable state ${stageName(state.stage)}`);
  }
  state.pauseTime = execution.nowMs;
  state.pauseIdentity = pause.identity;
  state.pauseReason = pause.reason;
  state.pauseRequestId = pause.requestId;
  if (state.stage === ActivityStage.STARTED) {
    state.stage = ActivityStage.PAUSE_REQUESTED;
    return;
  }
  state.stamp++;
  hold(execution);
}

export function unpauseActivity(execution: ActivityExecution, jitterMs: number): void {
  const { state } = execution;
  if (isClosedStage(state.stage)) {
    throw failedPrecondition(`activity is in terminal state ${stageName(state.stage)}`);
  }
  switch (state.stage) {
    case ActivityStage.PAUSE_REQUESTED:
      state.stage = ActivityStage.STARTED;
      return;
    case ActivityStage.PAUSED: {
      const earliestMs = afterStartDelay(execution, soon(execution, jitterMs));
      state.stage = ActivityStage.SCHEDULED;
      state.stamp++;
      dispatchAt(execution, Math.max(earliestMs, retryDispatchMs(execution) ?? 0));
      execution.markVisibility();
      return;
    }
    default:
      throw failedPrecondition(`activity is in non-unpausable state ${stageName(state.stage)}`);
  }
}

/** A moment within the jitter from now on. */
export function soon(execution: ActivityExecution, jitterMs: number): number {
  const { nowMs, environment } = execution;
  return jitterMs > 0 ? nowMs + Math.trunc(jitterMs * spread(environment)) : nowMs;
}
