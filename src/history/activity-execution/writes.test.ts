// What a change of an activity without a workflow writes, and that nothing is seen before it is written.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExecutionStore, MemoryStoreFactory } from '../../persistence/index.ts';
import { bytes, ID, POLL, Scenario, SECOND_MS, text } from './testing/scenario.ts';

test('a change writes what it changes, and leaves the input alone', async () => {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const written: string[][] = [];
  const watched: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
    commit: (batch: Parameters<ExecutionStore['commit']>[0]) => {
      for (const { executions } of batch) for (const { parts } of executions) written.push(parts.map(({ key }) => key));
      return store.commit(batch);
    },
  });
  const s = await Scenario.open(watched);
  await s.start();
  const task = await s.task();
  await s.heartbeat(task, text('half'));
  await s.complete(task);
  assert.deepEqual(written, [['request'], [], ['heartbeat'], ['outcome']]);
});

/** A store whose commits wait until `release` lets those through that came so far. */
async function slowStore() {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  const held: (() => void)[] = [];
  const slow: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
    commit: (batch: Parameters<ExecutionStore['commit']>[0]) =>
      new Promise<void>((resolve) => held.push(() => resolve(store.commit(batch)))),
  });
  const release = async (s: Scenario): Promise<void> => {
    while (held.length > 0) {
      held.shift()?.();
      await s.advance(0);
    }
  };
  return { slow, release };
}

test('nothing leaves before it is written', async () => {
  const { slow, release } = await slowStore();
  const s = await Scenario.open(slow);
  /** All of them are answered only when the store has let them through. */
  async function onlyDurably<T>(...calls: Promise<T>[]): Promise<T[]> {
    let answered = 0;
    for (const call of calls) void call.then(() => answered++);
    await s.advance(SECOND_MS);
    assert.equal(answered, 0);
    await release(s);
    return Promise.all(calls);
  }
  const start = s.start();
  await s.advance(0);
  await onlyDurably<unknown>(start, s.describe());
  assert.equal(s.dispatched, 1);
  const [task] = await onlyDurably(s.task());
  assert.ok(task !== undefined);
  await onlyDurably(s.heartbeat(task, text('half')));
  const outcome = s.fixture.begin('PollActivityExecution', POLL, ID);
  await s.advance(0);
  await onlyDurably<unknown>(s.complete(task), outcome);
  assert.deepEqual(bytes((await outcome).outcome?.result), bytes(text('out')));
});

test('tasks and rows follow the write that they belong to', async () => {
  const { slow, release } = await slowStore();
  const s = await Scenario.open(slow);
  const start = s.start();
  await s.advance(SECOND_MS);
  assert.deepEqual([s.dispatched, s.fixture.visibility.length], [0, 0]);
  await release(s);
  await start;
  await s.advance(SECOND_MS);
  assert.deepEqual([s.dispatched, s.fixture.visibility.length], [1, 1]);
});
