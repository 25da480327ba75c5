// How a task gets to a worker: through a parked poll of this process, or by matching. Resolves once the task is with a worker or
// durable in its queue's backlog.

import { AddTaskRequest, AddTaskResponse, type Partition } from '#proto/ostinato/matching/v1';
import type { Priority } from '#proto/temporal/api/common/v1';
import { partitionKey, TASK_QUEUE_TYPE_WORKFLOW } from '../../runtime/task-queue-partition.ts';
import { startActivityForPoll } from '../api/record-activity-task-started.ts';
import { startWorkflowTaskForPoll } from '../api/record-workflow-task-started.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';

/** Both kinds; the partition says which. */
export interface WorkerTask {
  /** The root of a normal queue, or a sticky queue. */
  readonly partition: Partition;
  /** Or the id of an activity without a workflow, with no scheduled event then. */
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly stamp: number;
  readonly scheduleToStartTimeout: number | undefined;
  readonly createdTimeMs: number | undefined;
  readonly priority: Priority | undefined;
}

/** Whether it is a sticky queue whose worker is gone: then nobody has the task. */
export async function handToWorker(engine: HistoryEngine, shard: Shard, task: WorkerTask): Promise<boolean> {
  const start = isWorkflowTask(task) ? startWorkflowTaskForPoll : startActivityForPoll;
  const startRequestId = await engine.parkedPolls.start(
    task.partition,
    task,
    () => shard.newId(),
    (pollRequest, requestId) =>
      start(
        engine,
        shard,
        { ...task, namespaceId: task.partition.namespaceId, requestId, triedRequestId: '' },
        pollRequest,
      ),
  );
  return startRequestId !== undefined && addToMatching(engine, shard, task, startRequestId);
}

/** `startRequestId`: of a start that was tried, or recorded, already; '' if there was none. */
export async function addToMatching(
  engine: HistoryEngine,
  shard: Shard,
  task: WorkerTask,
  startRequestId: string,
): Promise<boolean> {
  const { partition, scheduledEventId, scheduleToStartTimeout, createdTimeMs: createdTime, stamp, priority } = task;
  const { shardId, rangeId } = shard;
  const response = await engine.router.callMatching(
    partitionKey(partition),
    isWorkflowTask(task) ? 'AddWorkflowTask' : 'AddActivityTask',
    AddTaskRequest.encode({
      partition,
      execution: task,
      scheduledEventId,
      scheduleToStartTimeout,
      shardId,
      rangeId,
      createdTime,
      stamp,
      priority,
      startRequestId,
    }),
  );
  return AddTaskResponse.decode(response).stickyWorkerUnavailable;
}

const isWorkflowTask = ({ partition }: WorkerTask): boolean => partition.taskQueueType === TASK_QUEUE_TYPE_WORKFLOW;
