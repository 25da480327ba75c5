// Attempts of activities as tasks for workers.

import type { Partition } from '#proto/ostinato/matching/v1';
import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import type { ActivityExecution } from '../activity-execution/activity-execution.ts';
import type { HistoryEngine } from '../engine.ts';
import { mergePriority } from '../merge-priority.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { handToWorker, type WorkerTask } from './hand-to-worker.ts';

export function activityTaskOf(
  workflow: Workflow,
  activity: ActivityInfo,
  createdTimeMs: number | undefined,
): WorkerTask {
  return {
    partition: activityPartition(workflow.namespaceId, activity.taskQueue),
    workflowId: workflow.workflowId,
    runId: workflow.runId,
    scheduledEventId: activity.scheduledEventId,
    scheduleToStartTimeout: activity.scheduleToStartTimeout,
    createdTimeMs,
    stamp: activity.stamp,
    priority: mergePriority(workflow.state.priority, activity.priority),
  };
}

export async function addActivityToMatching(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  activity: ActivityInfo,
  createdTimeMs: number | undefined,
): Promise<void> {
  await handToWorker(engine, shard, activityTaskOf(workflow, activity, createdTimeMs));
}

/** The same for an activity without a workflow. */
export async function addActivityExecutionToMatching(
  engine: HistoryEngine,
  shard: Shard,
  { namespaceId, activityId, runId, state }: ActivityExecution,
): Promise<void> {
  await handToWorker(engine, shard, {
    partition: activityPartition(namespaceId, state.taskQueue),
    workflowId: activityId,
    runId,
    scheduledEventId: 0,
    scheduleToStartTimeout: state.scheduleToStartTimeout,
    createdTimeMs: state.scheduledTime,
    stamp: state.stamp,
    priority: state.priority,
  });
}

function activityPartition(namespaceId: string, taskQueue: string): Partition {
  const taskQueueType = TaskQueueType.ACTIVITY;
  return { namespaceId, taskQueue, taskQueueType, partitionId: 0, sticky: false, normalName: '' };
}
