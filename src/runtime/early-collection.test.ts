import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earlyCollection } from './early-collection.ts';
import { V8Heap } from './thread-heap.ts';

const MIB = 1024 * 1024;

test('only what is worth it is collected', () => {
  let usedMib = 1;
  let collections = 0;
  const collect = earlyCollection({
    youngUsedBytes: () => usedMib * MIB,
    collectYoung: () => {
      collections++;
      usedMib = 0;
    },
  });
  collect();
  assert.equal(collections, 0);
  usedMib = 3;
  collect();
  collect();
  assert.equal(collections, 1);
});

test('a real heap has less in use afterwards', () => {
  const heap = new V8Heap();
  heap.collectYoung(); // the function to collect with is made at first
  const garbage = Array.from({ length: 5_000 }, (_, index) => ({ index }));
  const before = heap.youngUsedBytes();
  assert.equal(garbage.splice(0).length, 5_000);
  heap.collectYoung();
  const after = heap.youngUsedBytes();
  assert.ok(after < before, `${before} to ${after} bytes`);
});
