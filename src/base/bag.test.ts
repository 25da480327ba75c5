import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../test/crash/random.ts';
import { Bag, NOT_IN_BAG } from './bag.ts';
import { assertForgets, largeValue } from './testing/assert-forgets.ts';

test('does what a Set does', () => {
  const random = new Random(11);
  const bag = new Bag<{ bagSlot: number }>();
  const model = new Set<object>();
  const items = Array.from({ length: 30 }, () => ({ bagSlot: NOT_IN_BAG }));
  for (let step = 0; step < 2_000; step++) {
    const item = random.oneOf(items);
    if (random.next() < 0.5) {
      bag.add(item);
      model.add(item);
    } else {
      bag.delete(item);
      model.delete(item);
    }
    assert.equal(bag.size, model.size);
    assert.deepEqual(new Set(bag.all()), model);
  }
});

test('items that have left do not survive the collection of young objects', () => {
  const bag = new Bag<{ bagSlot: number; readonly key: number; readonly value: object }>();
  assertForgets(
    (key) => bag.add({ bagSlot: NOT_IN_BAG, key, value: largeValue() }),
    (key) => bag.delete(bag.all().find((item) => item.key === key)!),
  );
});
