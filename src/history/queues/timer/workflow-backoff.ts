// The first workflow task's delay (cron, retry, start delay) is over.

import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const workflowBackoff: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning || workflow.hadOrHasWorkflowTask) return undefined;
  await shard.update(workflow, () => ensureWorkflowTask(workflow));
  return undefined;
};
