// Immediate tasks as rows of the history partition: what one commit adds to a queue is one row, ordered by task id. A task's own
// row would cost as much as the task is worth, twice: when it is written and when it is acknowledged.
//
//   a row of one task    data = the task
//   a row of n           data = for each task: its id (float64), the number of its bytes (uint32), its bytes; little endian

import type { StoredTask } from '../execution-store.ts';

const HEADER_BYTES = 12;

export interface TaskBatch {
  readonly firstTaskId: number;
  readonly lastTaskId: number;
  readonly taskCount: number;
  readonly data: Uint8Array;
}

interface Task {
  readonly taskId: number;
  readonly data: Uint8Array;
}

/** Of at least one task. */
export function packTasks(unordered: readonly Task[]): TaskBatch {
  const tasks = unordered.toSorted((a, b) => a.taskId - b.taskId);
  const firstTaskId = tasks[0]!.taskId;
  const lastTaskId = tasks.at(-1)!.taskId;
  if (tasks.length === 1) return { firstTaskId, lastTaskId, taskCount: 1, data: tasks[0]!.data };
  const bytes = tasks.reduce((sum, { data }) => sum + HEADER_BYTES + data.length, 0);
  const packed = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const { taskId, data } of tasks) {
    packed.writeDoubleLE(taskId, at);
    packed.writeUInt32LE(data.length, at + 8);
    packed.set(data, at + HEADER_BYTES);
    at += HEADER_BYTES + data.length;
  }
  return { firstTaskId, lastTaskId, taskCount: tasks.length, data: packed };
}

export function unpackTasks({ firstTaskId, taskCount, data }: Omit<TaskBatch, 'lastTaskId'>): StoredTask[] {
  if (taskCount === 1) return [{ fireTimeMs: 0, taskId: firstTaskId, data }];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tasks: StoredTask[] = [];
  let at = 0;
  for (let i = 0; i < taskCount; i++) {
    const end = at + HEADER_BYTES + view.getUint32(at + 8, true);
    tasks.push({ fireTimeMs: 0, taskId: view.getFloat64(at, true), data: data.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return tasks;
}
