// The contract of TaskQueueStore as tests, run by every backend.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TaskQueueFencedError } from '../store-errors.ts';
import type { TaskQueueStore } from '../task-queue-store.ts';
import { bytes, type ContractBackend, failureOf, text } from './contract-backend.ts';

export function describeTaskQueueStore(backend: ContractBackend): void {
  describe(`task queue store on ${backend.name}`, () => {
    let opened: Awaited<ReturnType<ContractBackend['open']>>;
    let store: TaskQueueStore;
    let queues = 0;

    before(async () => {
      opened = await backend.open();
      store = await opened.factory.openTaskQueueStore();
    });
    after(async () => {
      await store?.close();
      await opened?.close();
    });

    async function newQueue(namespaceId = 'namespace-1'): Promise<{ key: string; rangeId: number }> {
      const key = `queue-${++queues}`;
      const { rangeId } = await store.lease(key, namespaceId);
      return { key, rangeId };
    }
    const tasks = (...ids: number[]) => ids.map((taskId) => ({ taskId, data: bytes(`task ${taskId}`) }));
    const idsOf = async (key: string, from = 0, limit = 1000) =>
      (await store.read(key, from, limit)).map((task) => task.taskId);

    test('a lease raises the range id and gives the stored info', async () => {
      const first = await store.lease('leased', 'namespace-1');
      assert.equal(first.rangeId, 1);
      assert.equal(first.info, undefined);
      await store.commit([{ key: 'leased', rangeId: 1, append: [], info: bytes('info') }]);
      const second = await store.lease('leased', 'namespace-1');
      assert.equal(second.rangeId, 2);
      assert.equal(text(second.info), 'info');
    });

    test('a stale lease cannot write, nor can the rest of its batch', async () => {
      const [a, b] = [await newQueue(), await newQueue()];
      await store.lease(b.key, 'namespace-1');
      const error = await failureOf(() =>
        store.commit([
          { ...a, append: tasks(1), info: bytes('info') },
          { ...b, append: tasks(1) },
        ]),
      );
      assert.ok(error instanceof TaskQueueFencedError, String(error));
      assert.deepEqual(await idsOf(a.key), []);
      assert.deepEqual(await idsOf(b.key), []);
      assert.equal((await store.lease(a.key, 'namespace-1')).info, undefined);
    });

    test('a queue that nobody leased cannot be written', async () => {
      const error = await failureOf(() => store.commit([{ key: 'never leased', rangeId: 1, append: tasks(1) }]));
      assert.ok(error instanceof TaskQueueFencedError, String(error));
    });

    test('an empty batch is allowed', async () => {
      await store.commit([]);
    });

    test('tasks are read in order, after an id, up to a limit, and counted', async () => {
      const { key, rangeId } = await newQueue();
      const large = 2 ** 40;
      await store.commit([{ key, rangeId, append: tasks(3, 1, large, 2) }]);
      assert.deepEqual(await idsOf(key), [1, 2, 3, large]);
      assert.deepEqual(await idsOf(key, 2), [3, large]);
      assert.deepEqual(await idsOf(key, 0, 2), [1, 2]);
      assert.equal(await store.count(key, 0), 4);
      assert.equal(await store.count(key, 2), 2);
      assert.equal(await store.count('absent', 0), 0);
      const [first] = await store.read(key, 0, 1);
      assert.equal(text(first?.data), 'task 1');
    });

    test('a delete level removes tasks up to and including it', async () => {
      const [a, b] = [await newQueue(), await newQueue()];
      await store.commit([
        { ...a, append: tasks(1, 2, 3) },
        { ...b, append: tasks(1, 2, 3) },
      ]);
      await store.commit([{ ...a, append: [], deleteUpTo: 2 }]);
      assert.deepEqual(await idsOf(a.key), [3]);
      assert.deepEqual(await idsOf(b.key), [1, 2, 3]);
    });

    test('a delete level leaves what the same commit appends', async () => {
      const { key, rangeId } = await newQueue();
      await store.commit([{ key, rangeId, append: tasks(1, 2) }]);
      await store.commit([{ key, rangeId, append: tasks(3), deleteUpTo: 3 }]);
      assert.deepEqual(await idsOf(key), [3]);
    });

    test('a commit without info keeps the stored one', async () => {
      const [a, b] = [await newQueue(), await newQueue()];
      await store.commit([{ ...a, append: [], info: bytes('kept') }]);
      await store.commit([
        { ...a, append: tasks(1) },
        { ...b, append: [], info: bytes('b') },
      ]);
      assert.equal(text((await store.lease(a.key, 'namespace-1')).info), 'kept');
      assert.equal(text((await store.lease(b.key, 'namespace-1')).info), 'b');
    });

    test('queues are listed by namespace, in order, in pages', async () => {
      for (const key of ['list-c', 'list-a', 'list-b']) await store.lease(key, 'listed');
      await store.lease('list-d', 'another');
      const { rangeId } = await store.lease('list-b', 'listed');
      await store.commit([{ key: 'list-b', rangeId, append: [], info: bytes('info of b') }]);
      const first = await store.list('listed', '', 2);
      assert.deepEqual(
        first.map((queue) => queue.key),
        ['list-a', 'list-b'],
      );
      assert.equal(first[0]?.info, undefined);
      assert.equal(text(first[1]?.info), 'info of b');
      assert.deepEqual(
        (await store.list('listed', 'list-b', 2)).map((queue) => queue.key),
        ['list-c'],
      );
      assert.deepEqual(await store.list('listed', 'list-c', 2), []);
    });

    test('a deleted queue is gone with its tasks, and its owner is fenced', async () => {
      const { key, rangeId } = await newQueue('deleted');
      await store.commit([{ key, rangeId, append: tasks(1, 2) }]);
      await store.delete(key);
      assert.deepEqual(await idsOf(key), []);
      assert.deepEqual(await store.list('deleted', '', 10), []);
      const error = await failureOf(() => store.commit([{ key, rangeId, append: tasks(3) }]));
      assert.ok(error instanceof TaskQueueFencedError, String(error));
      await store.delete(key); // twice is safe
    });

    test('keys may hold any character, and large tasks come back whole', async () => {
      const large = Buffer.alloc(2 * 1024 * 1024, 'task');
      for (const key of ['"q"', 'a\\b', '{x,y}', 'nul\u0000nul', 'naïve ☃', 'NULL']) {
        const { rangeId } = await store.lease(key, 'odd');
        await store.commit([{ key, rangeId, append: [{ taskId: 1, data: large }] }]);
        assert.ok(large.equals((await store.read(key, 0, 1))[0]!.data));
        await store.delete(key);
      }
      assert.deepEqual(await store.list('odd', '', 10), []);
    });

    test('a thousand tasks of a hundred queues in one commit', async () => {
      const batch = [];
      for (let index = 0; index < 100; index++)
        batch.push({ ...(await newQueue()), append: tasks(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) });
      await store.commit(batch);
      for (const { key } of batch) assert.equal(await store.count(key, 0), 10);
    });

    const notDurable = backend.durable ? false : `${backend.name} loses its data when it is closed`;
    test('what was committed is there after the store is opened again', { skip: notDurable }, async () => {
      const { key, rangeId } = await newQueue();
      await store.commit([{ key, rangeId, append: tasks(1, 2), info: bytes('info') }]);
      await store.close();
      await store.close(); // twice is safe
      store = await opened.factory.openTaskQueueStore();
      assert.deepEqual(await idsOf(key), [1, 2]);
      const leased = await store.lease(key, 'namespace-1');
      assert.equal(leased.rangeId, rangeId + 1);
      assert.equal(text(leased.info), 'info');
    });
  });
}
