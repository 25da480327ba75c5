import { AddTaskRequest, AddTaskResponse } from '#proto/ostinato/matching/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import { startWorkflowTaskForPoll } from '../api/record-workflow-task-started.ts';
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
  /** Whether the sticky queue's worker is gone. */
  const add = async (sticky: boolean): Promise<boolean> => {
    const partition = {
      namespaceId: workflow.namespaceId,
      taskQueue: sticky ? task.stickyTaskQueue : state.taskQueue,
      taskQueueType: TaskQueueType.WORKFLOW,
      partitionId: 0,
      sticky,
      normalName: sticky ? state.taskQueue : '',
    };
    const { workflowId, runId } = workflow;
    const { scheduledEventId, stamp } = task;
    const startRequestId = await engine.parkedPolls.start(
      partition,
      { createdTimeMs: task.createdTimeMs, priority: state.priority },
      () => shard.newId(),
      (pollRequest, requestId) => {
        const start = { namespaceId: workflow.namespaceId, workflowId, runId, scheduledEventId, requestId, stamp };
        return startWorkflowTaskForPoll(engine, shard, start, pollRequest);
      },
    );
    if (startRequestId === undefined) return false;
    const response = await engine.router.callMatching(
      partitionKey(partition),
      'AddWorkflowTask',
      AddTaskRequest.encode({
        partition,
        execution: { workflowId, runId },
        scheduledEventId,
        scheduleToStartTimeout: sticky ? state.stickyScheduleToStartTimeout : undefined,
        shardId: shard.shardId,
        rangeId: shard.rangeId,
        createdTime: task.createdTimeMs,
        stamp,
        priority: state.priority,
        startRequestId,
      }),
    );
    return AddTaskResponse.decode(response).stickyWorkerUnavailable;
  };
  const stickyWorkerUnavailable = await add(task.stickyTaskQueue !== '');
  if (stickyWorkerUnavailable) await add(false);
}
