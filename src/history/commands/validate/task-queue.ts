// The task queue of a command: what it defaults to and which names users may not take.

import { TaskQueueKind, TaskQueueKindNames } from '#proto/temporal/api/enums/v1';
import type { TaskQueue } from '#proto/temporal/api/taskqueue/v1';
import { invalidArgument } from '../../../proto/service-errors.ts';

/** Names of task queue partitions begin so. Source: common/tqid, v1.31.2. */
const RESERVED_PREFIX = '/_sys/';
/** The server's own workers of each namespace (schedules, batches). Source: common/primitives/task_queues.go, v1.31.2. */
const INTERNAL_TASK_QUEUE = 'temporal-sys-per-ns-tq';

export interface TaskQueueRules {
  readonly defaultName: string;
  /** Task queue of the workflow that commands: only the server's own workflows may name the internal queue. */
  readonly parentName: string;
  readonly maxLengthBytes: number;
}

/** Throws INVALID_ARGUMENT. */
export function normalizeTaskQueue(taskQueue: TaskQueue | undefined, rules: TaskQueueRules): TaskQueue {
  if (taskQueue === undefined) throw invalidArgument('taskQueue is not set');
  const name = taskQueue.name || rules.defaultName;
  if (name === '') throw invalidArgument('missing task queue name');
  checkName(name, rules.maxLengthBytes);
  if (name.startsWith(RESERVED_PREFIX)) {
    throw invalidArgument(`task queue name cannot start with reserved prefix ${RESERVED_PREFIX}`);
  }
  const kind = taskQueue.kind || TaskQueueKind.NORMAL;
  if (kind === TaskQueueKind.STICKY && taskQueue.normalName !== '') {
    checkName(taskQueue.normalName, rules.maxLengthBytes);
  }
  if (name === INTERNAL_TASK_QUEUE && rules.parentName !== INTERNAL_TASK_QUEUE) {
    const parent = rules.parentName === '' ? '' : ` (in parent component task queue: ${rules.parentName})`;
    throw invalidArgument(`cannot use internal per-namespace task queue:${name}${parent}`);
  }
  return { ...taskQueue, name, kind };
}

function checkName(name: string, maxLengthBytes: number): void {
  if (Buffer.byteLength(name) > maxLengthBytes) throw invalidArgument('taskQueue length exceeds limit');
}

/** As protobuf's text format shows it in messages. */
export function describeTaskQueue({ name, kind, normalName }: TaskQueue): string {
  const fields: string[] = [];
  if (name !== '') fields.push(`name:${JSON.stringify(name)}`);
  if (kind !== 0) fields.push(`kind:${kindName(kind)}`);
  if (normalName !== '') fields.push(`normal_name:${JSON.stringify(normalName)}`);
  return fields.join(' ');
}

function kindName(kind: TaskQueueKind): string {
  const name = TaskQueueKindNames.get(kind);
  return name === undefined ? String(kind) : `TASK_QUEUE_KIND_${name.replace(/(?<=.)([A-Z])/g, '_$1').toUpperCase()}`;
}
