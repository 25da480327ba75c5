// What an activity execution was started with, to be brought back by a reset or an update. Inside a decision.

import type { ActivityOptions, ActivityOptionsInit } from '#proto/temporal/api/activity/v1';
import { TaskQueueKind } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { ActivityExecution } from './activity-execution.ts';

/** The options as they are now. */
export function optionsOf({ state }: ActivityExecution): ActivityOptionsInit {
  return {
    taskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
    scheduleToCloseTimeout: state.scheduleToCloseTimeout,
    scheduleToStartTimeout: state.scheduleToStartTimeout,
    startToCloseTimeout: state.startToCloseTimeout,
    heartbeatTimeout: state.heartbeatTimeout,
    retryPolicy: state.retryPolicy,
    priority: state.priority,
    startDelay: state.startDelay,
  };
}

export function setOptions({ state }: ActivityExecution, options: ActivityOptions): void {
  state.taskQueue = options.taskQueue?.name ?? '';
  state.scheduleToCloseTimeout = options.scheduleToCloseTimeout;
  state.scheduleToStartTimeout = options.scheduleToStartTimeout;
  state.startToCloseTimeout = options.startToCloseTimeout;
  state.heartbeatTimeout = options.heartbeatTimeout;
  state.retryPolicy = options.retryPolicy;
  state.priority = options.priority;
  state.startDelay = options.startDelay;
}

/** The start delay comes back only while it still delays something. */
export function restoreOriginalOptions(execution: ActivityExecution): void {
  const original = execution.request.originalOptions;
  if (original === undefined) {
    throw invalidArgument('cannot restore original options: no original task queue was recorded for this activity');
  }
  const { firstStartedTime, startDelay } = execution.state;
  setOptions(execution, firstStartedTime === undefined ? original : { ...original, startDelay });
}
