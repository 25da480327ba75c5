// Deletes a closed run for good, once what its end sets off (its parent, its children) is done: that needs the run's history.

import { unavailable } from '../../../proto/service-errors.ts';
import { findForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';
import { TaskType } from '../task-type.ts';

export const deleteExecution: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  if (workflow === undefined || workflow.isRunning) return undefined;
  const closing = shard.queues.transfer.hasOutstanding(
    ({ type, runId, workflowId }) =>
      type === TaskType.CLOSE_EXECUTION && runId === workflow.runId && workflowId === workflow.workflowId,
  );
  if (closing) throw unavailable(`run ${workflow.runId} is deleted when its end is dealt with`);
  await shard.deleteRun(workflow);
  return undefined;
};
