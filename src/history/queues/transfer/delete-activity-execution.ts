// Deletes a closed activity execution for good: because somebody asked for it, or because its retention is over.

import { findActivityForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const deleteActivityExecution: ShardTaskExecutor = async (_engine, shard, task) => {
  const execution = await findActivityForTask(shard, task);
  if (execution !== undefined && !execution.isOpen) await shard.activities.deleteRun(execution);
  return undefined;
};
