import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../test/crash/random.ts';
import { NumberMap } from './number-map.ts';
import { assertForgets, largeValue } from './testing/assert-forgets.ts';

test('does what a Map does, in any order of calls, with keys that share a home', () => {
  const random = new Random(7);
  for (let round = 0; round < 50; round++) {
    const map = new NumberMap<{ readonly step: number }>();
    const model = new Map<number, { readonly step: number }>();
    for (let step = 0; step < 400; step++) {
      // Every sixteenth number begins at the same slot of a small table; the largest has 32 bits.
      const key =
        random.next() < 0.5 ? Math.floor(random.next() * 40) * 16 : 0xffff_ffff - Math.floor(random.next() * 40);
      if (random.next() < 0.5) {
        const value = { step };
        map.set(key, value);
        model.set(key, value);
      } else {
        assert.equal(map.delete(key), model.get(key));
        model.delete(key);
      }
      assert.equal(map.size, model.size);
      assert.equal(map.get(key), model.get(key));
      assert.equal(map.has(key), model.has(key));
    }
    assert.deepEqual(new Map(map.entries()), model);
    const visited = new Set<{ readonly step: number }>();
    map.forEach((value) => {
      visited.add(value);
    });
    assert.deepEqual(visited, new Set(model.values()));
    map.clear();
    assert.equal(map.size, 0);
    assert.deepEqual(map.entries(), []);
  }
});

test('values that have left do not survive the collection of young objects', () => {
  const map = new NumberMap<object>();
  assertForgets(
    (key) => map.set(key, largeValue()),
    (key) => map.delete(key),
  );
});
