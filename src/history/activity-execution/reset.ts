// An operator lets the attempts of an activity execution count from one again. While a worker has it, the reset waits for the end of
// that attempt. Inside a decision. Facts of Temporal's chasm/lib/activity (activity.go handleReset, v1.32).

import { failedPrecondition } from '../../proto/service-errors.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage } from './activity-stage.ts';
import { afterStartDelay, clearHeartbeat, countFromOne, dispatchAt, hold } from './attempts.ts';
import { restoreOriginalOptions } from './options.ts';
import { soon } from './pause.ts';

export interface Reset {
  readonly keepPaused: boolean;
  readonly resetHeartbeat: boolean;
  readonly restoreOriginalOptions: boolean;
  readonly jitterMs: number;
}

export function resetActivity(execution: ActivityExecution, reset: Reset): void {
  const { state } = execution;
  switch (state.stage) {
    case ActivityStage.CANCEL_REQUESTED:
      throw failedPrecondition('cannot reset an activity with a pending cancellation');
    case ActivityStage.RESET_REQUESTED:
      throw failedPrecondition('cannot reset an activity with a pending reset');
    case ActivityStage.STARTED:
    case ActivityStage.PAUSE_REQUESTED:
      state.resetKeepsPaused = reset.keepPaused && state.stage === ActivityStage.PAUSE_REQUESTED;
      state.resetHeartbeat = reset.resetHeartbeat;
      state.resetRestoresOptions = reset.restoreOriginalOptions;
      state.stage = ActivityStage.RESET_REQUESTED;
      return;
    case ActivityStage.SCHEDULED:
    case ActivityStage.PAUSED:
      resetNow(execution, reset);
      return;
    default:
      throw failedPrecondition('activity execution is not running');
  }
}

function resetNow(execution: ActivityExecution, reset: Reset): void {
  const { state } = execution;
  if (reset.restoreOriginalOptions) restoreOriginalOptions(execution);
  if (reset.resetHeartbeat) clearHeartbeat(execution);
  countFromOne(execution);
  if (state.stage === ActivityStage.PAUSED && reset.keepPaused) {
    hold(execution);
    return;
  }
  state.stage = ActivityStage.SCHEDULED;
  dispatchAt(execution, afterStartDelay(execution, soon(execution, reset.jitterMs)));
  execution.markVisibility();
}
