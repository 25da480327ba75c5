import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../test/crash/random.ts';
import { SlotMap } from './slot-map.ts';
import { assertForgets, largeValue } from './testing/assert-forgets.ts';

test('does what a Map does, in its order', () => {
  const random = new Random(13);
  const map = new SlotMap<{ readonly step: number }>();
  const model = new Map<string, { readonly step: number }>();
  for (let step = 0; step < 2_000; step++) {
    const key = `key-${Math.floor(random.next() * 30)}`;
    if (random.next() < 0.5) {
      map.set(key, { step });
      model.set(key, { step });
    } else {
      assert.deepEqual(map.delete(key), model.get(key));
      model.delete(key);
    }
    assert.equal(map.size, model.size);
    assert.deepEqual(map.get(key), model.get(key));
    assert.deepEqual([...map], [...model]);
  }
  map.clear();
  assert.equal(map.size, 0);
  assert.equal(map.get('key-1'), undefined);
});

test('values that have left do not survive the collection of young objects', () => {
  const map = new SlotMap<object>();
  assertForgets(
    (key) => map.set(`${key}`, largeValue()),
    (key) => map.delete(`${key}`),
  );
});
