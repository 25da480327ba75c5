// An operator changes what an activity execution runs with, or takes such changes back. A running attempt goes on by the new timeouts.
// Inside a decision. Facts of Temporal's chasm/lib/activity (activity.go UpdateActivityExecutionOptions, v1.32).

import type { ActivityOptions } from '#proto/temporal/api/activity/v1';
import { fillActivityTimeouts } from '../../base/activity-timeouts.ts';
import { validateRetryPolicy } from '../../base/backoff/index.ts';
import { failedPrecondition, invalidArgument } from '../../proto/service-errors.ts';
import { exponentialBackoffMs } from '../backoff/index.ts';
import { mergeActivityOptions } from '../merge-activity-options.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage, stageName } from './activity-stage.ts';
import { addTimeoutTask, afterStartDelay, dispatchAt, retryDispatchMs } from './attempts.ts';
import { restoreOriginalOptions, setOptions } from './options.ts';

const CHANGEABLE: ReadonlySet<number> = new Set([
  ActivityStage.SCHEDULED,
  ActivityStage.STARTED,
  ActivityStage.PAUSED,
  ActivityStage.PAUSE_REQUESTED,
]);

export interface ChangeOptions {
  readonly restoreOriginal: boolean;
  readonly from: ActivityOptions | undefined;
  /** As camelPaths has them. */
  readonly paths: ReadonlySet<string>;
}

export function changeOptions(execution: ActivityExecution, change: ChangeOptions): void {
  const { state } = execution;
  if (!CHANGEABLE.has(state.stage)) {
    throw failedPrecondition(`Cannot update options for activity in state ${stageName(state.stage)}`);
  }
  if (change.paths.has('startDelay')) checkDelayed(execution);
  if (change.restoreOriginal) restoreOriginalOptions(execution);
  else mergeOptions(execution, change);
  recomputeBackoff(execution, change);
  state.stamp++;
  if (state.stage === ActivityStage.SCHEDULED) {
    dispatchAt(execution, retryDispatchMs(execution) ?? afterStartDelay(execution, execution.nowMs));
  } else {
    addTimeoutTask(execution);
  }
  execution.markVisibility();
}

function checkDelayed(execution: ActivityExecution): void {
  const { state, nowMs, firstDispatchMs } = execution;
  const isHeldBack = state.firstStartedTime === undefined && state.stage === ActivityStage.PAUSED;
  if (firstDispatchMs > nowMs || isHeldBack) return;
  throw failedPrecondition('cannot update start_delay: the first activity attempt has already been dispatched');
}

function mergeOptions(execution: ActivityExecution, { from, paths }: ChangeOptions): void {
  if (from === undefined) throw invalidArgument('ActivityOptions are not provided');
  const { state, activityId } = execution;
  const merged = mergeActivityOptions(state, from, paths);
  const changesPolicy = [...paths].some((path) => path.startsWith('retryPolicy.'));
  const retryPolicy =
    merged.retryPolicy && changesPolicy ? validateRetryPolicy(merged.retryPolicy) : merged.retryPolicy;
  const missing =
    'a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ' +
    `ActivityId=${activityId} ActivityType=${state.activityType}`;
  setOptions(execution, {
    ...merged,
    retryPolicy,
    ...fillActivityTimeouts(merged, 0, missing),
    startDelay: paths.has('startDelay') ? from.startDelay : state.startDelay,
  });
}

/** A backoff that the policy gave follows the policy; one that the worker asked for stays. */
function recomputeBackoff({ state }: ActivityExecution, { restoreOriginal, paths }: ChangeOptions): void {
  const waits = state.stage === ActivityStage.SCHEDULED || state.stage === ActivityStage.PAUSED;
  const changesPolicy = restoreOriginal || [...paths].some((path) => path.split('.')[0] === 'retryPolicy');
  if (!waits || !changesPolicy || state.currentRetryInterval === undefined || state.retryIntervalFromWorker) return;
  const { retryPolicy } = state;
  if (retryPolicy === undefined) return;
  const interval = exponentialBackoffMs(retryPolicy, state.attempt - 1);
  const maximum = retryPolicy.maximumInterval ?? 0;
  state.currentRetryInterval = maximum > 0 && (interval === 0 || interval > maximum) ? maximum : interval;
}
