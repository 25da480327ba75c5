// Hands attempts of activities to workers: to a parked poll of this process, or to matching. Resolves once the attempt is with a
// worker or durable in the queue's backlog.

import { AddTaskRequest } from '#proto/ostinato/matching/v1';
import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import type { Priority } from '#proto/temporal/api/common/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import type { ActivityExecution } from '../activity-execution/activity-execution.ts';
import { startActivityForPoll } from '../api/record-activity-task-started.ts';
import type { HistoryEngine } from '../engine.ts';
import { mergePriority } from '../merge-priority.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';

/** The partition that activities of a task queue are added to. */
export function activityPartition(namespaceId: string, taskQueue: string) {
  return {
    namespaceId,
    taskQueue,
    taskQueueType: TaskQueueType.ACTIVITY,
    partitionId: 0,
    sticky: false,
    normalName: '',
  };
}

export function addActivityToMatching(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  activity: ActivityInfo,
  createdTimeMs: number | undefined,
): Promise<void> {
  return startOrAdd(engine, shard, attemptOf(workflow, activity, createdTimeMs));
}

/** An attempt that is started already under `startRequestId`, and whose poll could not be answered. */
export function addStartedActivityToMatching(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  activity: ActivityInfo,
): Promise<void> {
  return addToMatching(engine, shard, attemptOf(workflow, activity, activity.scheduledTime), activity.requestId);
}

/** The same for an activity without a workflow. */
export function addActivityExecutionToMatching(
  engine: HistoryEngine,
  shard: Shard,
  { namespaceId, activityId, runId, state }: ActivityExecution,
): Promise<void> {
  return startOrAdd(engine, shard, {
    namespaceId,
    workflowId: activityId,
    runId,
    scheduledEventId: 0,
    taskQueue: state.taskQueue,
    scheduleToStartTimeout: state.scheduleToStartTimeout,
    createdTimeMs: state.scheduledTime,
    stamp: state.stamp,
    priority: state.priority,
  });
}

interface Attempt {
  readonly namespaceId: string;
  /** Or the id of an activity without a workflow, with no scheduled event then. */
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly taskQueue: string;
  readonly scheduleToStartTimeout: number | undefined;
  readonly createdTimeMs: number | undefined;
  readonly stamp: number;
  readonly priority: Priority | undefined;
}

function attemptOf(workflow: Workflow, activity: ActivityInfo, createdTimeMs: number | undefined): Attempt {
  const { namespaceId, workflowId, runId } = workflow;
  const { scheduledEventId, taskQueue, scheduleToStartTimeout, stamp } = activity;
  const priority = mergePriority(workflow.state.priority, activity.priority);
  return {
    namespaceId,
    workflowId,
    runId,
    scheduledEventId,
    taskQueue,
    scheduleToStartTimeout,
    createdTimeMs,
    stamp,
    priority,
  };
}

async function startOrAdd(engine: HistoryEngine, shard: Shard, attempt: Attempt): Promise<void> {
  const startRequestId = await engine.parkedPolls.start(
    activityPartition(attempt.namespaceId, attempt.taskQueue),
    attempt,
    () => shard.newId(),
    (pollRequest, requestId) => startActivityForPoll(engine, shard, { ...attempt, requestId }, pollRequest),
  );
  if (startRequestId !== undefined) await addToMatching(engine, shard, attempt, startRequestId);
}

async function addToMatching(
  engine: HistoryEngine,
  shard: Shard,
  attempt: Attempt,
  startRequestId: string,
): Promise<void> {
  const partition = activityPartition(attempt.namespaceId, attempt.taskQueue);
  await engine.router.callMatching(
    partitionKey(partition),
    'AddActivityTask',
    AddTaskRequest.encode({
      partition,
      execution: attempt,
      scheduledEventId: attempt.scheduledEventId,
      scheduleToStartTimeout: attempt.scheduleToStartTimeout,
      shardId: shard.shardId,
      rangeId: shard.rangeId,
      createdTime: attempt.createdTimeMs,
      stamp: attempt.stamp,
      priority: attempt.priority,
      startRequestId,
    }),
  );
}
