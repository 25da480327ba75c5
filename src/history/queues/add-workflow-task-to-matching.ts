import { AddTaskRequest, AddTaskResponse } from '#proto/ostinato/matching/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface ScheduledTask {
  readonly scheduledEventId: number;
  readonly stamp: number;
  /** The sticky queue to try first, '' for none. */
  readonly stickyTaskQueue: string;
  readonly createdTimeMs: number | undefined;
}

/** To the sticky queue while its worker lives, else to the normal one. Resolves once the task is with a worker or durable. */
export async function addWorkflowTaskToMatching(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  task: ScheduledTask,
): Promise<void> {
  const { state } = workflow;
  const add = async (sticky: boolean): Promise<AddTaskResponse> => {
    const partition = {
      namespaceId: workflow.namespaceId,
      taskQueue: sticky ? task.stickyTaskQueue : state.taskQueue,
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
        scheduledEventId: task.scheduledEventId,
        scheduleToStartTimeout: sticky ? state.stickyScheduleToStartTimeout : undefined,
        shardId: shard.shardId,
        rangeId: shard.rangeId,
        createdTime: task.createdTimeMs,
        stamp: task.stamp,
        priority: state.priority,
      }),
    );
    return AddTaskResponse.decode(response);
  };
  const { stickyWorkerUnavailable } = await add(task.stickyTaskQueue !== '');
  if (stickyWorkerUnavailable) await add(false);
}
