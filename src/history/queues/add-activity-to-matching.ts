import { AddTaskRequest, type AddTaskRequestInit } from '#proto/ostinato/matching/v1';
import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import type { ActivityExecution } from '../activity-execution/activity-execution.ts';
import type { HistoryEngine } from '../engine.ts';
import { mergePriority } from '../merge-priority.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';

/** Resolves once the attempt is with a worker or durable in the queue's backlog. */
export async function addActivityToMatching(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  activity: ActivityInfo,
  createdTimeMs: number | undefined,
): Promise<void> {
  await addToMatching(engine, shard, workflow.namespaceId, activity.taskQueue, {
    execution: { workflowId: workflow.workflowId, runId: workflow.runId },
    scheduledEventId: activity.scheduledEventId,
    scheduleToStartTimeout: activity.scheduleToStartTimeout,
    createdTime: createdTimeMs,
    stamp: activity.stamp,
    priority: mergePriority(workflow.state.priority, activity.priority),
  });
}

/** The same for an activity without a workflow. */
export async function addActivityExecutionToMatching(
  engine: HistoryEngine,
  shard: Shard,
  { namespaceId, activityId: workflowId, runId, state }: ActivityExecution,
): Promise<void> {
  await addToMatching(engine, shard, namespaceId, state.taskQueue, {
    execution: { workflowId, runId },
    scheduleToStartTimeout: state.scheduleToStartTimeout,
    createdTime: state.scheduledTime,
    stamp: state.stamp,
    priority: state.priority,
  });
}

async function addToMatching(
  engine: HistoryEngine,
  shard: Shard,
  namespaceId: string,
  taskQueue: string,
  task: AddTaskRequestInit,
): Promise<void> {
  const partition = { namespaceId, taskQueue, taskQueueType: TaskQueueType.ACTIVITY, partitionId: 0 };
  await engine.router.callMatching(
    partitionKey(partition),
    'AddActivityTask',
    AddTaskRequest.encode({ ...task, partition, shardId: shard.shardId, rangeId: shard.rangeId }),
  );
}
