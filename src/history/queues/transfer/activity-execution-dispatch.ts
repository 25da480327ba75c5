// Hands an attempt of an activity without a workflow to matching: at once, or when a start delay or a backoff is over.

import { ActivityStage } from '../../activity-execution/activity-stage.ts';
import { addActivityExecutionToMatching } from '../add-activity-to-matching.ts';
import { findActivityForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const activityExecutionDispatch: ShardTaskExecutor = async (engine, shard, task) => {
  const execution = await findActivityForTask(shard, task);
  if (execution?.state.stage !== ActivityStage.SCHEDULED || execution.state.stamp !== task.stamp) return undefined;
  await addActivityExecutionToMatching(engine, shard, execution);
  return undefined;
};
