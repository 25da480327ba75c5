// A worker did not take, or did not complete, its workflow task in time.

import { TimeoutType } from '#proto/temporal/api/enums/v1';
import {
  ensureWorkflowTask,
  isSpeculative,
  timeoutScheduledWorkflowTask,
  timeoutStartedWorkflowTask,
} from '../../workflow/workflow-task.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const workflowTaskTimeout: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning) return undefined;
  const state = workflow.state;
  if (state.workflowTaskScheduledEventId !== task.eventId || state.workflowTaskAttempt !== task.attempt)
    return undefined;
  const isStarted = state.workflowTaskStartedEventId !== 0;
  if (task.timeoutType === TimeoutType.SCHEDULE_TO_START) {
    if (isStarted || task.stamp !== state.workflowTaskStamp) return undefined;
    const speculative = isSpeculative(workflow);
    // On the normal queue only a speculative task times out here: a normal one waits for a worker as long as it takes.
    if (!speculative && !task.sticky) return undefined;
    await shard.update(workflow, () => {
      timeoutScheduledWorkflowTask(workflow);
      ensureWorkflowTask(workflow);
    });
    return undefined;
  }
  if (!isStarted) return undefined;
  workflow.updateRegistry?.workflowTaskFailed();
  await shard.update(workflow, () => {
    timeoutStartedWorkflowTask(workflow);
    ensureWorkflowTask(workflow);
  });
  return undefined;
};
