import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryTask, Task } from './task.ts';
import { TaskFifo } from './task-fifo.ts';
import { TestCall } from './testing/test-call.ts';

function task(taskId: number): Task {
  const created = new Task(
    {
      workflowId: String(taskId),
      runId: '',
      scheduledEventId: 1,
      shardId: 1,
      rangeId: 1,
      stamp: 0,
      createdMs: 0,
      arrivedMs: 0,
      expiresAtMs: Number.POSITIVE_INFINITY,
      priority: undefined,
    },
    3,
    false,
  );
  created.taskId = taskId;
  return created;
}

const ids = (fifo: TaskFifo): number[] => [...fifo].map((each) => (each.kind === 'task' ? each.taskId : 0));

test('tasks come out in the order they went in, over many cuts of the array', () => {
  const fifo = new TaskFifo();
  let next = 1;
  let expected = 1;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 7; i++) fifo.push(task(next++));
    for (let i = 0; i < 6; i++) assert.equal((fifo.shift() as Task).taskId, expected++);
  }
  assert.equal(fifo.size, 200);
  assert.equal((fifo.peek() as Task).taskId, expected);
});

test('a task that comes back takes its old place', () => {
  const fifo = new TaskFifo();
  for (let id = 1; id <= 6; id++) fifo.push(task(id));
  const taken = [fifo.shift(), fifo.shift(), fifo.shift()] as Task[];
  fifo.insert(2, taken[1]!);
  assert.deepEqual(ids(fifo), [2, 4, 5, 6]);
  fifo.insert(3, taken[2]!);
  fifo.insert(1, taken[0]!);
  assert.deepEqual(ids(fifo), [1, 2, 3, 4, 5, 6]);
  const empty = new TaskFifo();
  empty.insert(9, task(9));
  assert.deepEqual(ids(empty), [9]);
});

test('what is removed is handed over, what stays keeps its order', () => {
  const fifo = new TaskFifo();
  for (let id = 1; id <= 5; id++) fifo.push(task(id));
  fifo.shift();
  const removed = fifo.removeIf((each) => each.kind === 'task' && each.taskId % 2 === 0);
  assert.deepEqual(
    removed.map((each) => (each as Task).taskId),
    [2, 4],
  );
  assert.deepEqual(ids(fifo), [3, 5]);
});

test('queries have no ids and keep their order', () => {
  const fifo = new TaskFifo();
  const fields = { workflowId: '', runId: '', shardId: 1, query: new Uint8Array(0), createdMs: 0, forwarded: false };
  const queries = ['a', 'b'].map((queryId) => new QueryTask({ ...fields, queryId, call: new TestCall() }));
  for (const query of queries) fifo.push(query);
  assert.equal(fifo.shift(), queries[0]);
  assert.equal(fifo.shift(), queries[1]);
  assert.equal(fifo.shift(), undefined);
});
