import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskCategory } from '../../persistence/index.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from '../testing/history-fixture.ts';

const FIRST = { fireTimeMs: 0, taskId: 0 };
const LAST = { fireTimeMs: Number.MAX_SAFE_INTEGER, taskId: Number.MAX_SAFE_INTEGER };

test('tasks that came while the store could not be read are acknowledged once they are done', async () => {
  let canRead = false;
  const fault = (operation: string) => (operation === 'readTasks' && !canRead ? 'fail-before' : undefined);
  const store = await new MemoryStoreFactory({ fault }).openExecutionStore(0);
  const queued = async (category: TaskCategory) => (await store.readTasks(1, category, FIRST, LAST, 10)).length;
  const fixture = await historyFixture(store);
  await fixture.start({ workflowId: 'w' });
  assert.equal(fixture.workflowTasks.length, 0, 'the task waits for those that may be before it in the store');
  await fixture.clock.advance(5_000);
  canRead = true;
  assert.equal(await queued(TaskCategory.TRANSFER), 1);
  await fixture.clock.advance(30_000);
  assert.equal(fixture.workflowTasks.length, 1);
  assert.deepEqual([await queued(TaskCategory.TRANSFER), await queued(TaskCategory.VISIBILITY)], [0, 0]);
  await fixture.stop();
});
