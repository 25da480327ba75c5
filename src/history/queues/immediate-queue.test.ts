import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShardTask } from '#proto/ostinato/persistence/v1';
import { silentLogger } from '../../metrics/logger.ts';
import type { ExecutionStore, StoredTask, TaskKey } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { ImmediateQueue } from './immediate-queue.ts';
import { EMPTY_TASK } from './queued-task.ts';

const BATCH = 3;

test('what a previous owner left is read page by page, runs as it is read, and other work has its turn in between', async () => {
  const clock = new VirtualClock();
  const turns: string[] = [];
  const stored: StoredTask[] = Array.from({ length: 2 * BATCH + 1 }, (_, index) => {
    const taskId = index + 1;
    return { fireTimeMs: 0, taskId, data: ShardTask.encode({ ...EMPTY_TASK, taskId }) };
  });
  const queue = new ImmediateQueue(
    {
      shardId: 1,
      category: TaskCategory.TRANSFER,
      store: {
        readTasks: (_shardId: number, _category: number, from: TaskKey, _to: TaskKey, batch: number) => {
          turns.push('page');
          return stored.filter(({ taskId }) => taskId >= from.taskId).slice(0, batch);
        },
      } as Partial<ExecutionStore> as ExecutionStore,
      clock,
      logger: silentLogger,
      execute: ({ taskId }) => {
        turns.push(`task ${taskId}`);
        return undefined;
      },
      limits: { loaded: 100, running: 10, batch: BATCH },
    },
    0,
  );
  const work = (): void => {
    turns.push('work');
    if (turns.length < 20) clock.defer(work);
  };
  clock.defer(work);
  queue.start();
  await clock.settle();
  const tasks = (...ids: number[]): string[] => ids.map((id) => `task ${id}`);
  const firstTwo = ['page', ...tasks(1, 2, 3), 'work', 'page', ...tasks(4, 5, 6), 'work'];
  assert.deepEqual(turns.slice(0, firstTwo.length + 2), [...firstTwo, 'page', ...tasks(7)]);
  assert.ok(queue.isAtRest);
});
