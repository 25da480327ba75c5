// TaskQueueStore in memory: for tests and the simulator.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import { TaskQueueFencedError } from '../store-errors.ts';
import type { BacklogTask, TaskQueueCommit, TaskQueueKey, TaskQueueStore } from '../task-queue-store.ts';
import type { FaultGate } from './fault-gate.ts';
import { copyBytes, lowerBound, type MemoryTables, type MemoryTaskQueue } from './schema.ts';

export class MemoryTaskQueueStore implements TaskQueueStore {
  private readonly tables: MemoryTables;
  private readonly gate: FaultGate;

  constructor(tables: MemoryTables, gate: FaultGate) {
    this.tables = tables;
    this.gate = gate;
  }

  lease(key: TaskQueueKey, namespaceId: string) {
    return this.gate.perform('lease', () => {
      let queue = this.tables.taskQueues.get(key);
      if (queue === undefined) {
        queue = { namespaceId, rangeId: 0, info: undefined, tasks: [] };
        this.tables.taskQueues.set(key, queue);
      }
      queue.rangeId += 1;
      return { rangeId: queue.rangeId, info: queue.info };
    });
  }

  commit(batch: readonly TaskQueueCommit[]): MaybePromise<void> {
    return this.gate.perform('commitTaskQueues', () => {
      for (const { key, rangeId } of batch) {
        if (this.tables.taskQueues.get(key)?.rangeId !== rangeId) {
          throw new TaskQueueFencedError(`task queue ${key} is no longer owned under range id ${rangeId}`);
        }
      }
      for (const change of batch) applyChange(this.tables.taskQueues.get(change.key)!, change);
    });
  }

  read(key: TaskQueueKey, after: number, limit: number): MaybePromise<readonly BacklogTask[]> {
    return this.gate.perform('readBacklog', () => {
      const tasks = this.tables.taskQueues.get(key)?.tasks ?? [];
      const start = firstAfter(tasks, after);
      return tasks.slice(start, start + limit);
    });
  }

  count(key: TaskQueueKey, after: number): MaybePromise<number> {
    return this.gate.perform('countBacklog', () => {
      const tasks = this.tables.taskQueues.get(key)?.tasks ?? [];
      return tasks.length - firstAfter(tasks, after);
    });
  }

  list(namespaceId: string, afterKey: TaskQueueKey, limit: number) {
    return this.gate.perform('listTaskQueues', () =>
      [...this.tables.taskQueues]
        .filter(([key, queue]) => queue.namespaceId === namespaceId && key > afterKey)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([key, queue]) => ({ key, info: queue.info })),
    );
  }

  delete(key: TaskQueueKey): MaybePromise<void> {
    return this.gate.perform('deleteTaskQueue', () => {
      this.tables.taskQueues.delete(key);
    });
  }

  close(): void {}
}

/** Deletes first: a task appended by this commit is never deleted by it. */
function applyChange(queue: MemoryTaskQueue, change: TaskQueueCommit): void {
  if (change.deleteUpTo !== undefined) queue.tasks = queue.tasks.slice(firstAfter(queue.tasks, change.deleteUpTo));
  for (const { taskId, data } of change.append) {
    const index = firstAfter(queue.tasks, taskId - 1);
    const replaced = queue.tasks[index]?.taskId === taskId ? 1 : 0;
    queue.tasks.splice(index, replaced, { taskId, data: copyBytes(data) });
  }
  if (change.info !== undefined) queue.info = copyBytes(change.info);
}

function firstAfter(tasks: readonly BacklogTask[], after: number): number {
  return lowerBound(tasks, (task) => task.taskId <= after);
}
