// Names and keys of task-queue partitions: what frontend and history route by, and what matching stores its backlogs under.
// The mangling is Temporal's (common/tqid, v1.31), because names travel through clients and tools. Any thread.

import { invalidArgument } from '../proto/service-errors.ts';

/** temporal.api.enums.v1.TaskQueueType, as far as partitions know it. */
export const TASK_QUEUE_TYPE_WORKFLOW = 1;
export const TASK_QUEUE_TYPE_ACTIVITY = 2;

const MANGLED_PREFIX = '/_sys/';
const DELIMITER = '/';

/** What identifies a partition. Whether it is sticky does not belong to it: a query's answer only knows the name. */
export interface PartitionIdentity {
  readonly namespaceId: string;
  /** Base name of a normal queue, or the sticky queue's own name. */
  readonly taskQueue: string;
  readonly taskQueueType: number;
  /** 0 is the root and every sticky queue. */
  readonly partitionId: number;
}

/** Routing key and store key of a partition: calls with one key reach one thread. */
export function partitionKey(partition: PartitionIdentity): string {
  return `${partition.namespaceId}:${partitionName(partition.taskQueue, partition.partitionId)}:${partition.taskQueueType}`;
}

/** The name in calls: the bare one for the root, `/_sys/<name>/<n>` for the others. */
export function partitionName(taskQueue: string, partitionId: number): string {
  return partitionId === 0 ? taskQueue : `${MANGLED_PREFIX}${taskQueue}${DELIMITER}${partitionId}`;
}

/** The inverse of partitionName. Throws INVALID_ARGUMENT for names that look mangled and are not. */
export function parseTaskQueueName(name: string): { readonly taskQueue: string; readonly partitionId: number } {
  if (!name.startsWith(MANGLED_PREFIX)) return { taskQueue: name, partitionId: 0 };
  const delimiterAt = name.lastIndexOf(DELIMITER);
  if (delimiterAt <= MANGLED_PREFIX.length) throw invalidArgument(`invalid task queue partition name ${name}`);
  const suffix = name.slice(delimiterAt + 1);
  const partitionId = Number(suffix);
  if (!/^[+]?[0-9]+$/.test(suffix) || !Number.isSafeInteger(partitionId) || partitionId <= 0) {
    throw invalidArgument(`invalid task queue partition name ${name}`);
  }
  const taskQueue = name.slice(MANGLED_PREFIX.length, delimiterAt);
  if (taskQueue.startsWith(MANGLED_PREFIX)) {
    throw invalidArgument(`task queue family name cannot have prefix /_sys/ ${taskQueue}`);
  }
  return { taskQueue, partitionId };
}

/** Where a partition forwards to; undefined for the root. `degree` is the number of children of each node, at least 1. */
export function parentPartitionId(partitionId: number, degree: number): number | undefined {
  if (partitionId === 0) return undefined;
  return Math.floor((partitionId + Math.max(1, degree) - 1) / Math.max(1, degree)) - 1;
}
