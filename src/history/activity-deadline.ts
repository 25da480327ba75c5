// The four timeouts of an activity attempt, and which of them comes next. Of activities of workflows and of those without one.

import { TimeoutType } from '#proto/temporal/api/enums/v1';

/** Absent or zero timeouts never come. */
export interface AttemptTimes {
  readonly firstScheduledTime: number | undefined;
  readonly scheduledTime: number | undefined;
  readonly startedTime: number | undefined;
  readonly lastHeartbeatTime: number | undefined;
  readonly scheduleToCloseTimeout: number | undefined;
  readonly scheduleToStartTimeout: number | undefined;
  readonly startToCloseTimeout: number | undefined;
  readonly heartbeatTimeout: number | undefined;
}

/** Waits for a worker, runs on one, or waits for something else, as a pause. */
export type AttemptPhase = 'waiting' | 'running' | 'held';

export interface ActivityDeadline {
  readonly timeoutType: number;
  readonly timeMs: number;
}

/** What ends the current attempt, or the activity, next; undefined if nothing does. Ties in Temporal's order of types. */
export function earliestDeadline(times: AttemptTimes, phase: AttemptPhase): ActivityDeadline | undefined {
  const deadlines: ActivityDeadline[] = [];
  const add = (timeoutType: number, fromMs: number | undefined, timeoutMs: number | undefined) => {
    if (fromMs !== undefined && timeoutMs !== undefined && timeoutMs > 0)
      deadlines.push({ timeoutType, timeMs: fromMs + timeoutMs });
  };
  add(TimeoutType.SCHEDULE_TO_CLOSE, times.firstScheduledTime, times.scheduleToCloseTimeout);
  if (phase === 'waiting') {
    add(TimeoutType.SCHEDULE_TO_START, times.scheduledTime, times.scheduleToStartTimeout);
  } else if (phase === 'running') {
    add(TimeoutType.START_TO_CLOSE, times.startedTime, times.startToCloseTimeout);
    add(TimeoutType.HEARTBEAT, lastSignOfLifeMs(times), times.heartbeatTimeout);
  }
  deadlines.sort((a, b) => a.timeMs - b.timeMs || a.timeoutType - b.timeoutType);
  return deadlines[0];
}

function lastSignOfLifeMs({ startedTime, lastHeartbeatTime }: AttemptTimes): number | undefined {
  return lastHeartbeatTime !== undefined && startedTime !== undefined
    ? Math.max(lastHeartbeatTime, startedTime)
    : startedTime;
}
