// Task queues in requests (common/tqid/task_queue_validator.go, v1.31). Main loop.

import type { Partition } from '#proto/ostinato/matching/v1';
import { TaskQueueKind, TaskQueueType } from '#proto/temporal/api/enums/v1';
import type { TaskQueue } from '#proto/temporal/api/taskqueue/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { parseTaskQueueName } from '../../runtime/task-queue-partition.ts';
import type { RpcCall } from '../rpc-call.ts';
import { MAX_ID_LENGTH } from '../settings.ts';
import { isLongerThan } from './text-length.ts';

const RESERVED_PREFIX = '/_sys/';
/** Where the server's own workers in a namespace poll (common/primitives/task_queues.go). */
const PER_NAMESPACE_WORKER_QUEUE = 'temporal-sys-per-ns-tq';

/** A task queue or sticky queue as a whole, with its kind filled. */
export function checkTaskQueue(call: RpcCall, taskQueue: TaskQueue | undefined): TaskQueue {
  return check(call, taskQueue, true);
}

/** The same, but the name may be that of a partition. */
export function checkPartition(call: RpcCall, taskQueue: TaskQueue | undefined): TaskQueue {
  return check(call, taskQueue, false);
}

/** A queue that a user sends workflows to: none of the server's own. */
export function checkUserTaskQueue(call: RpcCall, taskQueue: TaskQueue | undefined): TaskQueue {
  const checked = check(call, taskQueue, true);
  if (checked.name === PER_NAMESPACE_WORKER_QUEUE) {
    throw invalidArgument(`cannot use internal per-namespace task queue:${checked.name}`);
  }
  return checked;
}

function check(call: RpcCall, taskQueue: TaskQueue | undefined, whole: boolean): TaskQueue {
  if (taskQueue === undefined) throw invalidArgument('taskQueue is not set');
  if (taskQueue.name === '') throw invalidArgument('missing task queue name');
  const limit = call.setting(MAX_ID_LENGTH);
  checkName(taskQueue.name, limit, whole);
  if (taskQueue.kind === TaskQueueKind.STICKY && taskQueue.normalName !== '') {
    checkName(taskQueue.normalName, limit, false);
  }
  return taskQueue.kind === TaskQueueKind.UNSPECIFIED ? { ...taskQueue, kind: TaskQueueKind.NORMAL } : taskQueue;
}

function checkName(name: string, limit: number, whole: boolean): void {
  if (isLongerThan(name, limit)) throw invalidArgument('taskQueue length exceeds limit');
  if (whole && name.startsWith(RESERVED_PREFIX)) {
    throw invalidArgument(`task queue name cannot start with reserved prefix ${RESERVED_PREFIX}`);
  }
}

/** Where matching keeps the queue (common/tqid/task_queue_id.go PartitionFromProto). */
export function partitionOf(namespaceId: string, taskQueue: TaskQueue, taskQueueType: number): Partition {
  const { taskQueue: baseName, partitionId } = parseTaskQueueName(taskQueue.name);
  const sticky = taskQueue.kind === TaskQueueKind.STICKY;
  if (taskQueue.normalName !== '' && !sticky) {
    throw invalidArgument(
      `only sticky queues can have normal name. tq: ${baseName}, normal name: ${taskQueue.normalName}`,
    );
  }
  if (sticky && partitionId !== 0) {
    throw invalidArgument(
      `only sticky partitions can not have non-zero partition ID. base name: ${baseName}, normal name: ${taskQueue.normalName}`,
    );
  }
  return {
    namespaceId,
    taskQueue: baseName,
    taskQueueType: taskQueueType === TaskQueueType.UNSPECIFIED ? TaskQueueType.WORKFLOW : taskQueueType,
    partitionId,
    sticky,
    normalName: taskQueue.normalName,
  };
}
