import { AddTaskRequest } from '#proto/ostinato/matching/v1';
import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
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
  const partition = {
    namespaceId: workflow.namespaceId,
    taskQueue: activity.taskQueue,
    taskQueueType: TaskQueueType.ACTIVITY,
    partitionId: 0,
  };
  await engine.router.callMatching(
    partitionKey(partition),
    'AddActivityTask',
    AddTaskRequest.encode({
      partition,
      execution: { workflowId: workflow.workflowId, runId: workflow.runId },
      scheduledEventId: activity.scheduledEventId,
      scheduleToStartTimeout: activity.scheduleToStartTimeout,
      shardId: shard.shardId,
      rangeId: shard.rangeId,
      createdTime: createdTimeMs,
      stamp: activity.stamp,
      priority: mergePriority(workflow.state.priority, activity.priority),
    }),
  );
}
