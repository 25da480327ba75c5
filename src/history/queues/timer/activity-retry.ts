// The pause before an activity's next attempt is over.

import { addActivityToMatching } from '../add-activity-to-matching.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const activityRetry: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning) return undefined;
  const activity = workflow.activities.get(task.eventId);
  if (activity === undefined || activity.startedEventId !== 0 || activity.paused) return undefined;
  if (activity.attempt !== task.attempt || activity.stamp !== task.stamp) return undefined;
  await addActivityToMatching(engine, shard, workflow, activity, activity.scheduledTime);
  return undefined;
};
