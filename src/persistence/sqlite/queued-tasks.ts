// The queued tasks of a history partition: those with a fire time one by one, immediate ones by the commit (task-batch.ts). Part of
// SqliteExecutionStore, inside its transactions.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { invariant } from '../../base/invariant.ts';
import { type ExecutionMutation, type StoredTask, TaskCategory, type TaskKey } from '../execution-store.ts';
import { checkTaskKey } from '../folded-commit.ts';
import { packTasks, unpackTasks } from './task-batch.ts';

type Row = Record<string, unknown>;
type Task = ExecutionMutation['tasks'][number];

export class QueuedTasks {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** What one commit adds to the queues of one shard. */
  write(shardId: number, mutations: readonly ExecutionMutation[]): void {
    const immediate = new Map<TaskCategory, Task[]>();
    for (const { tasks } of mutations) {
      for (const task of tasks) {
        checkTaskKey(task);
        const { category, fireTimeMs, taskId, data } = task;
        if (isScheduled(category)) {
          this.#statements.putScheduled.run(fireTimeMs, category, shardId, taskId, data);
          continue;
        }
        invariant(fireTimeMs === 0, `task ${taskId} of category ${category} has a fire time`);
        const others = immediate.get(category);
        if (others === undefined) immediate.set(category, [task]);
        else others.push(task);
      }
    }
    for (const [category, tasks] of immediate) this.#writeBatch(category, shardId, tasks);
  }

  /** Deletes from `from` to before `to`. */
  delete(shardId: number, category: TaskCategory, from: TaskKey, to: TaskKey): void {
    const statements = this.#statements;
    if (isScheduled(category)) {
      statements.deleteScheduled.run(...scheduledRange(shardId, category, from, to));
      return;
    }
    const [first, end] = idRange(from, to);
    statements.deleteBatches.run(category, shardId, first, end, end);
    // Commits at the ends of the range whose tasks are partly done.
    for (const row of statements.batches.all(category, shardId, end, first) as Row[]) {
      const left = unpack(row).filter(({ taskId }) => taskId < first || taskId >= end);
      statements.deleteBatch.run(category, shardId, row.first_task_id as number);
      if (left.length > 0) this.#writeBatch(category, shardId, left);
    }
  }

  read(shardId: number, category: TaskCategory, from: TaskKey, to: TaskKey, limit: number): StoredTask[] {
    if (isScheduled(category)) {
      const rows = this.#statements.scheduled.all(...scheduledRange(shardId, category, from, to), limit) as Row[];
      return rows.map((row) => ({
        fireTimeMs: row.fire_time_ms as number,
        taskId: row.task_id as number,
        data: row.data as Uint8Array,
      }));
    }
    const [first, end] = idRange(from, to);
    const tasks: StoredTask[] = [];
    for (const row of this.#statements.batches.iterate(category, shardId, end, first) as Iterable<Row>) {
      // Commits come by their first task: what follows is later than the last of a full page.
      if (tasks.length >= limit && (row.first_task_id as number) > tasks[limit - 1]!.taskId) break;
      tasks.push(...unpack(row).filter(({ taskId }) => taskId >= first && taskId < end));
      tasks.sort((a, b) => a.taskId - b.taskId);
    }
    return tasks.slice(0, limit);
  }

  #writeBatch(category: TaskCategory, shardId: number, tasks: readonly Pick<Task, 'taskId' | 'data'>[]): void {
    const { firstTaskId, lastTaskId, taskCount, data } = packTasks(tasks);
    this.#statements.putBatch.run(category, shardId, firstTaskId, lastTaskId, taskCount, data);
  }
}

function isScheduled(category: TaskCategory): boolean {
  return category === TaskCategory.TIMER || category === TaskCategory.ARCHIVAL;
}

function scheduledRange(shardId: number, category: TaskCategory, from: TaskKey, to: TaskKey) {
  const { fireTimeMs: fromMs, taskId: fromId } = from;
  const { fireTimeMs: toMs, taskId: toId } = to;
  return [fromMs, toMs, category, shardId, fromMs, fromId, toMs, toId] as const;
}

/** Immediate tasks have the fire time 0. */
function idRange(from: TaskKey, to: TaskKey): readonly [first: number, end: number] {
  return [
    from.fireTimeMs > 0 ? Number.MAX_SAFE_INTEGER : from.taskId,
    to.fireTimeMs > 0 ? Number.MAX_SAFE_INTEGER : to.taskId,
  ];
}

function unpack(row: Row): StoredTask[] {
  const { first_task_id: firstTaskId, task_count: taskCount, data } = row;
  return unpackTasks({
    firstTaskId: firstTaskId as number,
    taskCount: taskCount as number,
    data: data as Uint8Array,
  });
}

// The bounds on fire_time_ms alone let the key be used; the others are exact.
const SCHEDULED = `fire_time_ms >= ? AND fire_time_ms <= ? AND category = ? AND shard_id = ?
  AND (fire_time_ms, task_id) >= (?, ?) AND (fire_time_ms, task_id) < (?, ?)`;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    putScheduled: prepare(`INSERT OR REPLACE INTO scheduled_tasks (fire_time_ms, category, shard_id, task_id, data)
      VALUES (?, ?, ?, ?, ?)`),
    deleteScheduled: prepare(`DELETE FROM scheduled_tasks WHERE ${SCHEDULED}`),
    scheduled: prepare(`SELECT fire_time_ms, task_id, data FROM scheduled_tasks WHERE ${SCHEDULED}
      ORDER BY fire_time_ms, task_id LIMIT ?`),
    putBatch: prepare(`INSERT OR REPLACE INTO task_batches
      (category, shard_id, first_task_id, last_task_id, task_count, data) VALUES (?, ?, ?, ?, ?, ?)`),
    deleteBatches: prepare(`DELETE FROM task_batches
      WHERE category = ? AND shard_id = ? AND first_task_id >= ? AND first_task_id < ? AND last_task_id < ?`),
    deleteBatch: prepare('DELETE FROM task_batches WHERE category = ? AND shard_id = ? AND first_task_id = ?'),
    batches: prepare(`SELECT first_task_id, task_count, data FROM task_batches
      WHERE category = ? AND shard_id = ? AND first_task_id < ? AND last_task_id >= ? ORDER BY first_task_id`),
  };
}
