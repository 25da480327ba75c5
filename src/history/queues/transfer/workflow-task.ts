// Hands a scheduled workflow task to matching: to the sticky queue while its worker lives, to the normal queue otherwise.

import { AddTaskRequest, AddTaskResponse } from '#proto/ostinato/matching/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { partitionKey } from '../../../runtime/task-queue-partition.ts';
import { findForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const workflowTask: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  if (workflow === undefined) return undefined;
  const state = workflow.state;
  if (
    !workflow.isRunning ||
    state.workflowTaskScheduledEventId !== task.eventId ||
    state.workflowTaskStartedEventId !== 0
  ) {
    return undefined;
  }
  if (task.stamp !== state.workflowTaskStamp) return undefined;
  workflow.workflowTaskTransferId = task.taskId;
  const add = async (sticky: boolean) => {
    const taskQueue = sticky ? task.taskQueue : state.taskQueue;
    const partition = {
      namespaceId: workflow.namespaceId,
      taskQueue,
      taskQueueType: TaskQueueType.WORKFLOW,
      partitionId: 0,
      sticky,
      normalName: sticky ? state.taskQueue : '',
    };
    const response = await engine.router.callMatching(
      partitionKey(partition),
      'AddWorkflowTask',
      AddTaskRequest.encode({
        partition,
        execution: { workflowId: workflow.workflowId, runId: workflow.runId },
        scheduledEventId: task.eventId,
        scheduleToStartTimeout: sticky ? state.stickyScheduleToStartTimeout : undefined,
        shardId: shard.shardId,
        createdTime: task.createdTime,
        stamp: task.stamp,
        priority: state.priority,
      }),
    );
    return AddTaskResponse.decode(response);
  };
  // A run that left its sticky queue meanwhile goes to the normal one.
  const sticky = task.sticky && state.stickyTaskQueue === task.taskQueue;
  const { stickyWorkerUnavailable } = await add(sticky);
  if (stickyWorkerUnavailable) await add(false);
  // The start may be known only here: then this task must be found again after a crash, until a commit has written the start.
  if (workflow.volatileStart && !workflow.discarded) {
    return { onceDurable: (done) => workflow.onceWritten.push(done) };
  }
  return undefined;
};
