// Admin: the tasks that a shard's queue holds, in their order.

import { ShardTask } from '#proto/ostinato/persistence/v1';
import {
  ListHistoryTasksRequest,
  ListHistoryTasksResponse,
  type TaskInit,
} from '#proto/temporal/server/api/adminservice/v1';
import { TaskKey as TemporalTaskKey } from '#proto/temporal/server/api/history/v1';
import { type StoredTask, TaskCategory, type TaskKey } from '../../persistence/index.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { CATEGORY_OF_TEMPORAL, TEMPORAL_TASK_TYPE } from '../admin/task-category.ts';
import type { ShardHandler } from '../engine.ts';

/** Tasks in an answer to a request that does not say how many. */
const DEFAULT_BATCH_SIZE = 1_000;
const NONE: TaskKey = { fireTimeMs: 0, taskId: 0 };

export const listHistoryTasks: ShardHandler = async (_engine, shard, bytes) => {
  const { category, taskRange, batchSize, nextPageToken } = ListHistoryTasksRequest.decode(bytes);
  const queue = CATEGORY_OF_TEMPORAL.get(category);
  if (queue === undefined) throw invalidArgument(`unknown task category: ${category}`);
  const from = keyOf(taskRange?.inclusiveMinTaskKey, 'minTaskKey') ?? NONE;
  const to = keyOf(taskRange?.exclusiveMaxTaskKey, 'maxTaskKey') ?? NONE;
  if (queue === TaskCategory.TIMER) checkScheduled(from, to);
  else checkImmediate(from, to);
  const start = nextPageToken.length === 0 ? from : (keyOf(TemporalTaskKey.decode(nextPageToken), 'token') ?? from);
  const limit = batchSize > 0 ? batchSize : DEFAULT_BATCH_SIZE;
  const tasks = await shard.store.readTasks(shard.shardId, queue, start, to, limit + 1);
  const next = tasks[limit];
  return ListHistoryTasksResponse.encode({
    tasks: tasks.slice(0, limit).map(describeTask),
    nextPageToken: next && TemporalTaskKey.encode({ fireTime: next.fireTimeMs, taskId: next.taskId }),
  });
};

/** Immediate tasks are ordered by id alone, scheduled ones asked for by time alone (validateTaskRange, v1.31). */
function checkImmediate(from: TaskKey, to: TaskKey): void {
  if (to.taskId === 0) throw wrongRange('max taskID must be specified for immediate task category');
  if (from.fireTimeMs !== 0 || to.fireTimeMs !== 0) {
    throw wrongRange('fireTime must be empty for immediate task category');
  }
}

function checkScheduled(from: TaskKey, to: TaskKey): void {
  if (to.fireTimeMs === 0) throw wrongRange('max fire time must be specified for scheduled task category');
  if (from.taskId !== 0 || to.taskId !== 0) throw wrongRange('taskID must be empty for scheduled task category');
}

const wrongRange = (what: string) => invalidArgument(`invalid task range, ${what}`);

function keyOf(key: TemporalTaskKey | undefined, name: string): TaskKey | undefined {
  if (key === undefined) return undefined;
  const fireTimeMs = key.fireTime ?? 0;
  if (fireTimeMs < 0) {
    throw invalidArgument(
      `invalid ${name}: task key fire time must have unix nano value >= 0, got ${BigInt(Math.round(fireTimeMs)) * 1_000_000n}`,
    );
  }
  if (key.taskId < 0) throw invalidArgument(`invalid ${name}: task key ID must >= 0, got ${key.taskId}`);
  return { fireTimeMs, taskId: key.taskId };
}

function describeTask({ fireTimeMs, taskId, data }: StoredTask): TaskInit {
  const { namespaceId, workflowId, runId, type, version } = ShardTask.decode(data);
  return { namespaceId, workflowId, runId, taskId, taskType: TEMPORAL_TASK_TYPE[type], fireTime: fireTimeMs, version };
}
