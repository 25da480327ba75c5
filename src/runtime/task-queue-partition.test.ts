import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parentPartitionId, parseTaskQueueName, partitionKey, partitionName } from './task-queue-partition.ts';

test('the root partition has the bare name, the others a mangled one', () => {
  assert.equal(partitionName('orders', 0), 'orders');
  assert.equal(partitionName('orders/eu', 3), '/_sys/orders/eu/3');
});

test('a partition name and its parts determine each other', () => {
  for (const [taskQueue, partitionId] of [
    ['orders', 0],
    ['orders', 7],
    ['a/b/c', 12],
    ['host:1234', 0],
  ] as const) {
    assert.deepEqual(parseTaskQueueName(partitionName(taskQueue, partitionId)), { taskQueue, partitionId });
  }
});

test('names that only look mangled are refused with the messages of Temporal', () => {
  for (const name of ['/_sys/', '/_sys/x', '/_sys/x/', '/_sys/x/0', '/_sys/x/-1', '/_sys/x/abc', '/_sys//1']) {
    assert.throws(() => parseTaskQueueName(name), { message: `invalid task queue partition name ${name}` });
  }
  assert.throws(() => parseTaskQueueName('/_sys//_sys/x/1/2'), { message: /family name cannot have prefix/ });
});

test('partitions that differ in anything but stickiness have different keys', () => {
  const base = { namespaceId: 'ns', taskQueue: 'q', taskQueueType: 1, partitionId: 0 };
  const keys = [
    base,
    { ...base, namespaceId: 'other' },
    { ...base, taskQueue: 'p' },
    { ...base, taskQueueType: 2 },
    { ...base, partitionId: 1 },
  ].map(partitionKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('every partition leads to the root', () => {
  for (let degree = 1; degree <= 20; degree++) {
    for (let id = 1; id < 100; id++) {
      const parent = parentPartitionId(id, degree);
      assert.ok(parent !== undefined && parent < id && parent >= 0);
    }
  }
  assert.equal(parentPartitionId(0, 20), undefined);
  assert.equal(parentPartitionId(20, 20), 0);
  assert.equal(parentPartitionId(21, 20), 1);
});
