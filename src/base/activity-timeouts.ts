// How an activity's timeouts fill each other: one of start-to-close and schedule-to-close must be given. For commands of workflows and
// for activities without one.

import { invalidArgument } from '../proto/service-errors.ts';
import { capDuration, durationProblem } from './backoff/index.ts';

export interface ActivityTimeouts {
  readonly scheduleToCloseTimeout: number | undefined;
  readonly scheduleToStartTimeout: number | undefined;
  readonly startToCloseTimeout: number | undefined;
  readonly heartbeatTimeout: number | undefined;
}

export interface FilledTimeouts extends ActivityTimeouts {
  readonly scheduleToCloseTimeout: number;
  readonly scheduleToStartTimeout: number;
  readonly startToCloseTimeout: number;
  readonly heartbeatTimeout: number;
}

/** No timeout is longer than the run's, if that has one. Throws INVALID_ARGUMENT, `missing` when neither of the two is given. */
export function fillActivityTimeouts(given: ActivityTimeouts, runTimeout: number, missing: string): FilledTimeouts {
  let scheduleToClose = checked('ScheduleToCloseTimeout', given.scheduleToCloseTimeout);
  let scheduleToStart = checked('ScheduleToStartTimeout', given.scheduleToStartTimeout);
  let startToClose = checked('StartToCloseTimeout', given.startToCloseTimeout);
  const heartbeat = checked('HeartbeatTimeout', given.heartbeatTimeout);
  if (scheduleToClose > 0) {
    scheduleToStart = scheduleToStart > 0 ? Math.min(scheduleToStart, scheduleToClose) : scheduleToClose;
    startToClose = startToClose > 0 ? Math.min(startToClose, scheduleToClose) : scheduleToClose;
  } else if (startToClose > 0) {
    scheduleToClose = runTimeout;
    if (scheduleToStart === 0) scheduleToStart = runTimeout;
  } else {
    throw invalidArgument(missing);
  }
  const capped = (timeout: number) => (runTimeout > 0 ? Math.min(timeout, runTimeout) : timeout);
  return {
    scheduleToCloseTimeout: capped(scheduleToClose),
    scheduleToStartTimeout: capped(scheduleToStart),
    startToCloseTimeout: capped(startToClose),
    heartbeatTimeout: Math.min(capped(heartbeat), capped(startToClose)),
  };
}

function checked(name: string, timeout: number | undefined): number {
  const problem = durationProblem(timeout);
  if (problem) throw invalidArgument(`invalid ${name}: ${problem}`);
  return capDuration(timeout) ?? 0;
}
