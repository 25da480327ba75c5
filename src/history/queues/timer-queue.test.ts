import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShardTask } from '#proto/ostinato/persistence/v1';
import { silentLogger } from '../../metrics/logger.ts';
import type { ExecutionStore, StoredTask, TaskKey } from '../../persistence/index.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { EMPTY_TASK } from './queued-task.ts';
import { TimerQueue } from './timer-queue.ts';

const BATCH = 3;

/** A queue over stored tasks whose reads are answered when the test says so, with what was stored when they began; or at once, and `onRead` hears of them. */
function queueOver(stored: readonly [taskId: number, inMs: number][], onRead?: () => void) {
  const clock = new VirtualClock();
  const startMs = clock.nowMs();
  const tasks: StoredTask[] = [];
  const task = (taskId: number): ShardTask => ({ ...EMPTY_TASK, taskId });
  const store = (taskId: number, inMs: number): void => {
    tasks.push({ fireTimeMs: startMs + inMs, taskId, data: ShardTask.encode(task(taskId)) });
    tasks.sort((a, b) => a.fireTimeMs - b.fireTimeMs || a.taskId - b.taskId);
  };
  for (const [taskId, inMs] of stored) store(taskId, inMs);
  const isFrom = (key: TaskKey, from: TaskKey): boolean =>
    key.fireTimeMs > from.fireTimeMs || (key.fireTimeMs === from.fireTimeMs && key.taskId >= from.taskId);
  const answers: (() => void)[] = [];
  const fired: number[] = [];
  const queue = new TimerQueue(
    {
      shardId: 1,
      store: {
        readTasks: (_shardId: number, _category: number, from: TaskKey, to: TaskKey, batch: number) => {
          const page = tasks.filter((key) => isFrom(key, from) && !isFrom(key, to)).slice(0, batch);
          if (onRead !== undefined) {
            onRead();
            return page;
          }
          return new Promise((resolve) => answers.push(() => resolve(page)));
        },
      } as Partial<ExecutionStore> as ExecutionStore,
      clock,
      logger: silentLogger,
      execute: ({ taskId }) => {
        fired.push(taskId);
        return undefined;
      },
      limits: { running: 10, batch: BATCH },
    },
    { fireTimeMs: startMs, taskId: 0 },
  );
  return {
    clock,
    queue,
    fired,
    /** The oldest read gets its answer. */
    async answerRead(): Promise<void> {
      answers.shift()!();
      await clock.advance(0);
    },
    get reads(): number {
      return answers.length;
    },
    publish(taskId: number, inMs: number): void {
      queue.publish(task(taskId), startMs + inMs);
    },
    /** A task of a commit that is through. */
    commit(taskId: number, inMs: number): void {
      store(taskId, inMs);
      this.publish(taskId, inMs);
    },
  };
}

test('a timer that is set while a page is read fires, though the page that covers its time does not show it', async () => {
  const lab = queueOver([
    [1, 1_000],
    [2, 2_000],
    [3, 90_000],
    [4, 95_000],
  ]);
  lab.queue.start();
  lab.commit(10, 30_000); // in the middle of the page under way
  lab.commit(11, 92_000); // behind it: the next page has it
  lab.commit(12, 4_000_000); // beyond all that is read now
  await lab.answerRead();
  lab.commit(13, 40_000); // where memory has everything by now
  lab.commit(14, 94_000); // in the page under way, which does not show it
  await lab.answerRead();
  while (lab.reads > 0) await lab.answerRead();
  await lab.clock.advance(100_000);
  assert.deepEqual(lab.fired, [1, 2, 10, 13, 3, 11, 14, 4]);
  assert.equal(lab.queue.ackLevelBelow(Number.POSITIVE_INFINITY).fireTimeMs, lab.clock.nowMs());
});

test('other work has its turn between two pages of a window', async () => {
  const turns: string[] = [];
  const stored = Array.from({ length: 3 * BATCH }, (_, index): [number, number] => [index + 1, 1_000]);
  const lab = queueOver(stored, () => turns.push('page'));
  const work = (): void => {
    turns.push('work');
    if (turns.length < 20) lab.clock.defer(work);
  };
  lab.clock.defer(work);
  lab.queue.start();
  await lab.clock.settle();
  assert.deepEqual(turns.slice(0, 7), ['page', 'work', 'page', 'work', 'page', 'work', 'page']);
  await lab.clock.advance(1_000);
  assert.equal(lab.fired.length, stored.length);
});

test('a timer that a page shows and that is published while it is read fires once', async () => {
  const lab = queueOver([[1, 1_000]]);
  lab.queue.start();
  lab.publish(1, 1_000);
  await lab.answerRead();
  await lab.clock.advance(2_000);
  assert.deepEqual(lab.fired, [1]);
});
