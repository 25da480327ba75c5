// A child's parent has recorded its start: the child's first workflow task may be scheduled.

import { Empty, ScheduleWorkflowTaskRequest } from '#proto/ostinato/history/v1';
import type { ShardHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { addBackoffTask, BackoffType } from '../workflow/start-run.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';

export const scheduleFirstWorkflowTask: ShardHandler = async (_engine, shard, bytes) => {
  const { namespaceId, execution, isFirstWorkflowTask } = ScheduleWorkflowTaskRequest.decode(bytes);
  const workflow = await shard.workflow(namespaceId, execution?.workflowId ?? '', execution?.runId ?? '');
  if (!workflow.isRunning) throw workflowCompleted();
  const { state } = workflow;
  if (workflow.hadOrHasWorkflowTask || (isFirstWorkflowTask && state.firstWorkflowTaskScheduledAfterBackoff)) {
    await shard.settled(workflow);
    return Empty.encode({});
  }
  await shard.update(workflow, () => {
    if ((state.firstWorkflowTaskBackoff ?? 0) > 0) {
      workflow.state.firstWorkflowTaskScheduledAfterBackoff = true;
      addBackoffTask(workflow, BackoffType.CRON);
    } else {
      ensureWorkflowTask(workflow);
    }
  });
  return Empty.encode({});
};
