// The next deadline of an activity without a workflow is due: the attempt, or the activity, has timed out, unless something pushed the
// deadline back.

import { RetryState, TimeoutType } from '#proto/temporal/api/enums/v1';
import type { ActivityExecution } from '../../activity-execution/activity-execution.ts';
import { ActivityStage } from '../../activity-execution/activity-stage.ts';
import { addTimeoutTask, nextDeadline, timeoutFailure, tryAgain } from '../../activity-execution/attempts.ts';
import { timeOutActivity } from '../../activity-execution/close.ts';
import { findActivityForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const activityExecutionTimeout: ShardTaskExecutor = async (_engine, shard, task) => {
  const execution = await findActivityForTask(shard, task);
  if (execution === undefined || !execution.isOpen) return undefined;
  const { timerTaskTime } = execution.state;
  // A later task is queued already: it will look again.
  if (timerTaskTime !== undefined && task.visibilityTime !== undefined && timerTaskTime > task.visibilityTime)
    return undefined;
  await shard.activities.update(execution, () => {
    execution.state.timerTaskTime = undefined;
    const deadline = nextDeadline(execution);
    if (deadline === undefined || deadline.timeMs > execution.nowMs) addTimeoutTask(execution);
    else timeOut(execution, deadline.timeoutType);
  });
  return undefined;
};

function timeOut(execution: ActivityExecution, timeoutType: number): void {
  if (timeoutType === TimeoutType.SCHEDULE_TO_START) {
    timeOutActivity(execution, timeoutType, RetryState.TIMEOUT);
    return;
  }
  if (timeoutType === TimeoutType.SCHEDULE_TO_CLOSE) {
    const isCancelled = execution.state.stage === ActivityStage.CANCEL_REQUESTED;
    timeOutActivity(execution, timeoutType, isCancelled ? RetryState.CANCEL_REQUESTED : RetryState.TIMEOUT);
    return;
  }
  const retryState = tryAgain(execution, timeoutFailure(timeoutType));
  if (retryState !== RetryState.IN_PROGRESS) timeOutActivity(execution, timeoutType, retryState);
}
