// TaskQueueStore on SQLite: one file, owned by the matching thread.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TaskQueueFencedError } from '../store-errors.ts';
import type { BacklogTask, TaskQueueCommit, TaskQueueKey, TaskQueueStore } from '../task-queue-store.ts';
import { storeError } from './open-database.ts';

type Row = Record<string, unknown>;

export class SqliteTaskQueueStore implements TaskQueueStore {
  private readonly database: DatabaseSync;
  private readonly statements: ReturnType<typeof prepareStatements>;
  private closed = false;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.statements = prepareStatements(database);
  }

  lease(key: TaskQueueKey, namespaceId: string) {
    const row = this.attempt(`lease task queue ${key}`, () => this.statements.lease.get(key, namespaceId)) as Row;
    return { rangeId: row.range_id as number, info: (row.info ?? undefined) as Uint8Array | undefined };
  }

  commit(batch: readonly TaskQueueCommit[]): void {
    this.attempt('commit task queues', () => {
      this.statements.begin.run();
      try {
        for (const { key, rangeId } of batch) {
          if (this.statements.rangeId.get(key)?.range_id !== rangeId) {
            throw new TaskQueueFencedError(`task queue ${key} is no longer owned under range id ${rangeId}`);
          }
        }
        for (const change of batch) this.write(change);
        this.statements.commit.run();
      } catch (error) {
        if (this.database.isTransaction) this.statements.rollback.run();
        throw error;
      }
    });
  }

  read(key: TaskQueueKey, after: number, limit: number): readonly BacklogTask[] {
    return this.attempt(`read backlog of ${key}`, () =>
      this.statements.read.all(key, after, limit).map((row: Row) => ({
        taskId: row.task_id as number,
        data: row.data as Uint8Array,
      })),
    );
  }

  count(key: TaskQueueKey, after: number): number {
    return this.attempt(`count backlog of ${key}`, () => this.statements.count.get(key, after)?.tasks as number);
  }

  list(namespaceId: string, afterKey: TaskQueueKey, limit: number) {
    return this.attempt(`list task queues of ${namespaceId}`, () =>
      this.statements.list.all(namespaceId, afterKey, limit).map((row: Row) => ({
        key: row.queue_key as string,
        info: (row.info ?? undefined) as Uint8Array | undefined,
      })),
    );
  }

  delete(key: TaskQueueKey): void {
    this.attempt(`delete task queue ${key}`, () => {
      this.statements.begin.run();
      try {
        this.statements.deleteTasks.run(key, Number.MAX_SAFE_INTEGER);
        this.statements.deleteQueue.run(key);
        this.statements.commit.run();
      } catch (error) {
        if (this.database.isTransaction) this.statements.rollback.run();
        throw error;
      }
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.database.close();
  }

  private attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw storeError(what, error);
    }
  }

  /** Deletes first: a task appended by this commit is never deleted by it. */
  private write(change: TaskQueueCommit): void {
    if (change.deleteUpTo !== undefined) this.statements.deleteTasks.run(change.key, change.deleteUpTo);
    for (const { taskId, data } of change.append) this.statements.append.run(change.key, taskId, data);
    if (change.info !== undefined) this.statements.info.run(change.info, change.key);
  }
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    rollback: prepare('ROLLBACK'),
    lease: prepare(`INSERT INTO task_queues (queue_key, namespace_id, range_id) VALUES (?, ?, 1)
      ON CONFLICT (queue_key) DO UPDATE SET range_id = range_id + 1 RETURNING range_id, info`),
    rangeId: prepare('SELECT range_id FROM task_queues WHERE queue_key = ?'),
    info: prepare('UPDATE task_queues SET info = ? WHERE queue_key = ?'),
    append: prepare('INSERT OR REPLACE INTO backlog_tasks (queue_key, task_id, data) VALUES (?, ?, ?)'),
    deleteTasks: prepare('DELETE FROM backlog_tasks WHERE queue_key = ? AND task_id <= ?'),
    deleteQueue: prepare('DELETE FROM task_queues WHERE queue_key = ?'),
    read: prepare(`SELECT task_id, data FROM backlog_tasks WHERE queue_key = ? AND task_id > ?
      ORDER BY task_id LIMIT ?`),
    count: prepare('SELECT count(*) AS tasks FROM backlog_tasks WHERE queue_key = ? AND task_id > ?'),
    list: prepare(`SELECT queue_key, info FROM task_queues WHERE namespace_id = ? AND queue_key > ?
      ORDER BY queue_key LIMIT ?`),
  };
}
