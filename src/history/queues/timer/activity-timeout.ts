// An activity's next deadline is due: the attempt, or the activity, has timed out, unless something pushed the deadline back.

import { RetryState, TimeoutType, TimeoutTypeNames } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { addTimeoutTask, nextDeadline, retryActivity, timeoutActivity } from '../../workflow/activity.ts';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

const OUT_OF_TIME =
  'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying';

export const activityTimeout: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning) return undefined;
  const found = workflow.activities.get(task.eventId);
  if (found === undefined) return undefined;
  // A later task of this activity is queued already: it will look again.
  if (
    found.timerTaskTime !== undefined &&
    task.visibilityTime !== undefined &&
    found.timerTaskTime > task.visibilityTime
  )
    return undefined;
  await shard.update(workflow, () => {
    const activity = { ...found, timerTaskTime: undefined };
    workflow.activities.put(task.eventId, activity);
    const deadline = nextDeadline(activity);
    if (deadline === undefined || deadline.timeMs > workflow.nowMs) {
      addTimeoutTask(workflow, task.eventId);
      return;
    }
    const { timeoutType } = deadline;
    const failure = (message: string, type: number) =>
      Failure.encode({
        message,
        source: 'Server',
        timeoutFailureInfo: { timeoutType: type, lastHeartbeatDetails: activity.lastHeartbeatDetails },
        cause:
          type === TimeoutType.SCHEDULE_TO_CLOSE || type === TimeoutType.SCHEDULE_TO_START
            ? activity.retryLastFailure
            : undefined,
      });
    const attemptFailure = Failure.encode({
      message: `activity ${TimeoutTypeNames.get(timeoutType)} timeout`,
      source: 'Server',
      timeoutFailureInfo: { timeoutType },
    });
    const retryState = retryActivity(workflow, activity, attemptFailure);
    if (retryState === RetryState.IN_PROGRESS) return;
    // Out of time for another attempt counts as the activity's own deadline, whichever timer found out.
    const recorded =
      retryState === RetryState.TIMEOUT && timeoutType !== TimeoutType.SCHEDULE_TO_START
        ? failure(OUT_OF_TIME, TimeoutType.SCHEDULE_TO_CLOSE)
        : failure(`activity ${TimeoutTypeNames.get(timeoutType)} timeout`, timeoutType);
    timeoutActivity(workflow, activity, recorded, retryState);
    ensureWorkflowTask(workflow);
  });
  return undefined;
};
