// TaskQueueStore on PostgreSQL. A batch is one call of ostinato_commit_task_queues_v1. Matching thread.

import { TaskQueueFencedError } from '../store-errors.ts';
import type { BacklogTask, TaskQueueCommit, TaskQueueKey, TaskQueueStore } from '../task-queue-store.ts';
import { ArrayLiteral, fromStoredText, toStoredText } from './array-literal.ts';
import { errorDetail, type PostgresClient, sqlState } from './client.ts';

export class PostgresTaskQueueStore implements TaskQueueStore {
  private readonly client: PostgresClient;

  constructor(client: PostgresClient) {
    this.client = client;
  }

  async lease(key: TaskQueueKey, namespaceId: string) {
    const [row] = await this.client.query(`lease task queue ${key}`, LEASE, [toStoredText(key), namespaceId]);
    return { rangeId: row!.range_id as number, info: (row!.info ?? undefined) as Uint8Array | undefined };
  }

  async commit(batch: readonly TaskQueueCommit[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      await this.client.query('commit task queues', COMMIT_STATEMENT, commitParameters(batch));
    } catch (error) {
      if (sqlState(error) !== 'OS003') throw error;
      const key = fromStoredText(errorDetail(error));
      throw new TaskQueueFencedError(`task queue ${key} is no longer owned under the range id of this commit`);
    }
  }

  async read(key: TaskQueueKey, after: number, limit: number): Promise<readonly BacklogTask[]> {
    const rows = await this.client.query(`read backlog of ${key}`, READ, [toStoredText(key), after, limit]);
    return rows.map((row) => ({ taskId: row.task_id as number, data: row.data as Uint8Array }));
  }

  async count(key: TaskQueueKey, after: number): Promise<number> {
    const [row] = await this.client.query(`count backlog of ${key}`, COUNT, [toStoredText(key), after]);
    return row!.tasks as number;
  }

  async list(namespaceId: string, afterKey: TaskQueueKey, limit: number) {
    const rows = await this.client.query(`list task queues of ${namespaceId}`, LIST, [
      namespaceId,
      toStoredText(afterKey),
      limit,
    ]);
    return rows.map((row) => ({
      key: fromStoredText(row.queue_key as string),
      info: (row.info ?? undefined) as Uint8Array | undefined,
    }));
  }

  async delete(key: TaskQueueKey): Promise<void> {
    await this.client.query(`delete task queue ${key}`, DELETE, [toStoredText(key)]);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function commitParameters(batch: readonly TaskQueueCommit[]): string[] {
  const [keys, ranges, levels, infos] = [
    new ArrayLiteral(),
    new ArrayLiteral(),
    new ArrayLiteral(),
    new ArrayLiteral(),
  ];
  const [taskQueues, taskIds, taskData] = [new ArrayLiteral(), new ArrayLiteral(), new ArrayLiteral()];
  for (const { key, rangeId, append, deleteUpTo, info } of batch) {
    keys.string(key);
    ranges.number(rangeId);
    if (deleteUpTo === undefined) levels.null();
    else levels.number(deleteUpTo);
    if (info === undefined) infos.null();
    else infos.bytes(info);
    for (const { taskId, data } of append) {
      taskQueues.string(key);
      taskIds.number(taskId);
      taskData.bytes(data);
    }
  }
  return [keys, ranges, levels, infos, taskQueues, taskIds, taskData].map(String);
}

const COMMIT_STATEMENT = `SELECT ostinato_commit_task_queues_v1(
  $1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::text[], $6::bigint[], $7::bytea[])`;
const LEASE = `INSERT INTO task_queues AS q (queue_key, namespace_id, range_id) VALUES ($1, $2, 1)
  ON CONFLICT (queue_key) DO UPDATE SET range_id = q.range_id + 1 RETURNING range_id, info`;
const READ = 'SELECT task_id, data FROM backlog_tasks WHERE queue_key = $1 AND task_id > $2 ORDER BY task_id LIMIT $3';
const COUNT = 'SELECT count(*) AS tasks FROM backlog_tasks WHERE queue_key = $1 AND task_id > $2';
const LIST = `SELECT queue_key, info FROM task_queues WHERE namespace_id = $1 AND queue_key > $2
  ORDER BY queue_key LIMIT $3`;
const DELETE = `WITH queue AS (DELETE FROM task_queues WHERE queue_key = $1)
  DELETE FROM backlog_tasks WHERE queue_key = $1`;
