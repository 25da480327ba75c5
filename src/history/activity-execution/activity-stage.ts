// Where an activity execution stands. Stored numbers, Temporal's (chasm/lib/activity activity_state.proto, v1.32). History thread.

import { ActivityExecutionStatus, PendingActivityState } from '#proto/temporal/api/enums/v1';

export const ActivityStage = Object.freeze({
  /** Waits for a worker, for its start delay or for its next attempt. */
  SCHEDULED: 1,
  STARTED: 2,
  /** A worker has it and is asked to stop. */
  CANCEL_REQUESTED: 3,
  COMPLETED: 4,
  FAILED: 5,
  CANCELED: 6,
  TERMINATED: 7,
  TIMED_OUT: 8,
  PAUSED: 9,
  /** A worker has it; a further attempt waits for the end of the pause. */
  PAUSE_REQUESTED: 10,
  /** A worker has it; a further attempt is the first one again. */
  RESET_REQUESTED: 11,
});
export type ActivityStage = (typeof ActivityStage)[keyof typeof ActivityStage];

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ActivityStage).map(([name, stage]) => [
    stage,
    name
      .split('_')
      .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
      .join(''),
  ]),
);

/** As errors write it: `CancelRequested`. */
export const stageName = (stage: number): string => NAMES.get(stage) ?? String(stage);

const CLOSED: ReadonlySet<number> = new Set([
  ActivityStage.COMPLETED,
  ActivityStage.FAILED,
  ActivityStage.CANCELED,
  ActivityStage.TERMINATED,
  ActivityStage.TIMED_OUT,
]);
const ATTEMPT_IN_PROGRESS: ReadonlySet<number> = new Set([
  ActivityStage.STARTED,
  ActivityStage.CANCEL_REQUESTED,
  ActivityStage.PAUSE_REQUESTED,
  ActivityStage.RESET_REQUESTED,
]);

export const isClosedStage = (stage: number): boolean => CLOSED.has(stage);
export const hasAttemptInProgress = (stage: number): boolean => ATTEMPT_IN_PROGRESS.has(stage);

const STATUSES: ReadonlyMap<number, number> = new Map<number, number>([
  [ActivityStage.COMPLETED, ActivityExecutionStatus.COMPLETED],
  [ActivityStage.FAILED, ActivityExecutionStatus.FAILED],
  [ActivityStage.CANCELED, ActivityExecutionStatus.CANCELED],
  [ActivityStage.TERMINATED, ActivityExecutionStatus.TERMINATED],
  [ActivityStage.TIMED_OUT, ActivityExecutionStatus.TIMED_OUT],
  [ActivityStage.PAUSED, ActivityExecutionStatus.PAUSED],
]);

/** What clients see of it. */
export const statusOf = (stage: number): number => STATUSES.get(stage) ?? ActivityExecutionStatus.RUNNING;

const RUN_STATES: ReadonlyMap<number, number> = new Map<number, number>([
  [ActivityStage.SCHEDULED, PendingActivityState.SCHEDULED],
  [ActivityStage.STARTED, PendingActivityState.STARTED],
  [ActivityStage.CANCEL_REQUESTED, PendingActivityState.CANCEL_REQUESTED],
  [ActivityStage.PAUSED, PendingActivityState.PAUSED],
  [ActivityStage.PAUSE_REQUESTED, PendingActivityState.PAUSE_REQUESTED],
  [ActivityStage.RESET_REQUESTED, PendingActivityState.STARTED],
]);

/** Finer than the status while the activity is open. */
export function runStateOf(stage: number, resetKeepsPaused: boolean): number {
  if (stage === ActivityStage.RESET_REQUESTED && resetKeepsPaused) return PendingActivityState.PAUSE_REQUESTED;
  return RUN_STATES.get(stage) ?? PendingActivityState.UNSPECIFIED;
}
