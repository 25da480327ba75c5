// The contract of queued tasks as tests, run by every backend: order, ranges, acknowledgement, and that they live and die with
// the change that implied them (I3).

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ExecutionStore, TaskCategory } from '../execution-store.ts';
import { bytes, type ContractBackend, failureOf, text } from './contract-backend.ts';
import { mutation, shardCommit } from './sample-mutation.ts';
import { FIRST, LAST, openStoreFor, run } from './store-under-test.ts';

const LARGER_THAN_32_BITS = 2 ** 45 + 1;

export function describeQueuedTasks(backend: ContractBackend): void {
  describe(`queued tasks on ${backend.name}`, () => {
    let store: ExecutionStore;
    const { newShard, stateOf, tasksOf } = openStoreFor(backend, (opened) => {
      store = opened;
    });

    const task = (category: TaskCategory, fireTimeMs: number, taskId: number) => ({
      category,
      fireTimeMs,
      taskId,
      data: bytes(`${fireTimeMs}/${taskId}`),
    });

    async function shardWithTasks(tasks: readonly ReturnType<typeof task>[]) {
      const shard = await newShard();
      await store.commit([
        shardCommit(shard.shardId, shard.rangeId, [mutation('create', run(shard.shardId), 's', { tasks })]),
      ]);
      return shard;
    }

    test('a task written again has what was written last, and the change it came with is there', async () => {
      const { shardId, rangeId } = await shardWithTasks([task(TaskCategory.TIMER, 5, 1)]);
      const again = ['new', 'newest'].map((data) => ({ ...task(TaskCategory.TIMER, 5, 1), data: bytes(data) }));
      await store.commit([
        shardCommit(shardId, rangeId, [mutation('update', run(shardId), 'changed', { tasks: again })]),
      ]);
      const found = await store.readTasks(shardId, TaskCategory.TIMER, FIRST, LAST, 10);
      assert.deepEqual(
        found.map((row) => text(row.data)),
        ['newest'],
      );
      assert.equal(await stateOf(run(shardId)), 'changed');
    });

    test('tasks come in order of time and then id, whatever the order of writing, and each category by itself', async () => {
      const { shardId } = await shardWithTasks([
        task(TaskCategory.TIMER, LARGER_THAN_32_BITS, 1),
        task(TaskCategory.TIMER, 5, LARGER_THAN_32_BITS),
        task(TaskCategory.TIMER, 5, 3),
        task(TaskCategory.TIMER, 4, 9),
        task(TaskCategory.TRANSFER, 0, 12),
        task(TaskCategory.TRANSFER, 0, 11),
        task(TaskCategory.VISIBILITY, 0, 13),
      ]);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TIMER), [
        '4/9',
        '5/3',
        `5/${LARGER_THAN_32_BITS}`,
        `${LARGER_THAN_32_BITS}/1`,
      ]);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TRANSFER), ['0/11', '0/12']);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.VISIBILITY), ['0/13']);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.REPLICATION), []);
      const [first] = await store.readTasks(shardId, TaskCategory.TIMER, FIRST, LAST, 1);
      assert.equal(text(first?.data), '4/9');
    });

    test('a read takes from the first key to before the last, at most the limit', async () => {
      const { shardId } = await shardWithTasks(
        [1, 2, 3, 4].flatMap((time) => [1, 2, 3].map((id) => task(TaskCategory.TIMER, time, id))),
      );
      const read = (from: [number, number], to: [number, number], limit = 100) =>
        tasksOf(
          shardId,
          TaskCategory.TIMER,
          { fireTimeMs: from[0], taskId: from[1] },
          { fireTimeMs: to[0], taskId: to[1] },
          limit,
        );
      assert.deepEqual(await read([2, 2], [3, 2]), ['2/2', '2/3', '3/1']);
      assert.deepEqual(await read([2, 2], [2, 2]), []);
      assert.deepEqual(await read([3, 1], [2, 1]), []);
      assert.deepEqual(await read([2, 9], [3, 0]), []);
      assert.deepEqual(await read([0, 0], [9, 0], 2), ['1/1', '1/2']);
    });

    test('acknowledging deletes from the first key to before the last', async () => {
      const { shardId, rangeId } = await shardWithTasks([
        ...[1, 2, 3].flatMap((time) => [1, 2].map((id) => task(TaskCategory.TIMER, time, id))),
        task(TaskCategory.TRANSFER, 0, 1),
        task(TaskCategory.TRANSFER, 0, 2),
      ]);
      await store.commit([
        shardCommit(shardId, rangeId, [], {
          taskDeletes: [
            {
              category: TaskCategory.TIMER,
              from: { fireTimeMs: 1, taskId: 2 },
              to: { fireTimeMs: 3, taskId: 1 },
            },
            { category: TaskCategory.TRANSFER, from: FIRST, to: { fireTimeMs: 0, taskId: 2 } },
          ],
        }),
      ]);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TIMER), ['1/1', '3/1', '3/2']);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TRANSFER), ['0/2']);
    });

    test('a range delete leaves what the same commit inserts', async () => {
      const { shardId, rangeId } = await shardWithTasks([task(TaskCategory.TRANSFER, 0, 1)]);
      await store.commit([
        shardCommit(
          shardId,
          rangeId,
          [mutation('update', run(shardId), 's', { tasks: [task(TaskCategory.TRANSFER, 0, 2)] })],
          { taskDeletes: [{ category: TaskCategory.TRANSFER, from: FIRST, to: LAST }] },
        ),
      ]);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TRANSFER), ['0/2']);
    });

    test('tasks of one commit are acknowledged and read one by one, together with those of others', async () => {
      const immediate = (ids: readonly number[]) => ids.map((id) => task(TaskCategory.TRANSFER, 0, id));
      const { shardId, rangeId } = await shardWithTasks(immediate([6, 1, 9, 3]));
      await store.commit([
        shardCommit(shardId, rangeId, [
          mutation('update', run(shardId), 's', { tasks: immediate([5, LARGER_THAN_32_BITS, 12]) }),
        ]),
      ]);
      const ids = async (from: number, to: number, limit = 100) =>
        (
          await store.readTasks(
            shardId,
            TaskCategory.TRANSFER,
            { fireTimeMs: 0, taskId: from },
            to === 0 ? LAST : { fireTimeMs: 0, taskId: to },
            limit,
          )
        ).map(({ taskId, data }) => {
          assert.equal(text(data), `0/${taskId}`);
          return taskId;
        });
      assert.deepEqual(await ids(0, 0), [1, 3, 5, 6, 9, 12, LARGER_THAN_32_BITS]);
      assert.deepEqual(await ids(3, 9), [3, 5, 6]);
      assert.deepEqual(await ids(2, 0, 3), [3, 5, 6]);
      const acknowledge = (from: number, to: number) =>
        store.commit([
          shardCommit(shardId, rangeId, [], {
            taskDeletes: [
              {
                category: TaskCategory.TRANSFER,
                from: { fireTimeMs: 0, taskId: from },
                to: { fireTimeMs: 0, taskId: to },
              },
            ],
          }),
        ]);
      await acknowledge(0, 6);
      assert.deepEqual(await ids(0, 0), [6, 9, 12, LARGER_THAN_32_BITS]);
      await acknowledge(9, 13);
      assert.deepEqual(await ids(0, 0), [6, LARGER_THAN_32_BITS]);
    });

    test('a range delete stays in its shard', async () => {
      const a = await shardWithTasks([task(TaskCategory.TRANSFER, 0, 1)]);
      const b = await shardWithTasks([task(TaskCategory.TRANSFER, 0, 1)]);
      await store.commit([
        shardCommit(a.shardId, a.rangeId, [], {
          taskDeletes: [{ category: TaskCategory.TRANSFER, from: FIRST, to: LAST }],
        }),
      ]);
      assert.deepEqual(await tasksOf(a.shardId, TaskCategory.TRANSFER), []);
      assert.deepEqual(await tasksOf(b.shardId, TaskCategory.TRANSFER), ['0/1']);
    });

    test('I3: a commit that fails leaves neither state nor tasks', async () => {
      const { shardId, rangeId } = await newShard();
      await failureOf(() =>
        store.commit([
          shardCommit(shardId, rangeId, [
            mutation('create', run(shardId), 's', { tasks: [task(TaskCategory.TRANSFER, 0, 1)] }),
            mutation('update', run(shardId, 'absent'), 's'),
          ]),
        ]),
      );
      assert.equal(await stateOf(run(shardId)), undefined);
      assert.deepEqual(await tasksOf(shardId, TaskCategory.TRANSFER), []);
    });

    test('a fire time with a fraction is refused', async () => {
      const { shardId, rangeId } = await newShard();
      const error = await failureOf(() =>
        store.commit([
          shardCommit(shardId, rangeId, [
            mutation('create', run(shardId), 's', { tasks: [task(TaskCategory.TIMER, 1.5, 1)] }),
          ]),
        ]),
      );
      assert.match(String(error), /whole number of milliseconds/);
      assert.equal(await stateOf(run(shardId)), undefined);
    });
  });
}
