import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertForgets, largeValue, youngCollector } from '../../base/testing/assert-forgets.ts';
import { IdMap } from './id-map.ts';

test('the same id of several owners', () => {
  const map = new IdMap<number>();
  map.set(1, 'id', 'a', 'x');
  map.set(2, 'id', 'b', 'x');
  map.set(3, 'id', 'a', 'y');
  assert.deepEqual([map.get('id', 'a', 'x'), map.get('id', 'b', 'x'), map.get('id', 'a', 'y')], [1, 2, 3]);
  assert.equal(map.get('id', 'b', 'y'), undefined);
  assert.equal(map.size, 3);
  map.set(22, 'id', 'b', 'x');
  map.delete('id', 'a', 'x');
  assert.deepEqual([map.get('id', 'a', 'x'), map.get('id', 'b', 'x'), map.get('id', 'a', 'y')], [undefined, 22, 3]);
  map.delete('id', 'b', 'x');
  map.set(4, 'id', 'a', 'y');
  map.delete('id', 'nobody');
  assert.deepEqual([...map.values()], [4]);
  map.clear();
  assert.equal(map.size, 0);
});

test('the oldest leave first, but for those used and those that may not', () => {
  const map = new IdMap<string>();
  for (const id of ['kept', 'used', 'old', 'new']) map.set(id, id, 'owner');
  map.get('used', 'owner');
  map.trim(
    () => map.size <= 2,
    100,
    (value) => value !== 'kept',
  );
  assert.deepEqual([...map.values()], ['kept', 'used']);
  map.trim(
    () => map.size <= 1,
    100,
    (value) => value !== 'kept',
  );
  assert.deepEqual([...map.values()], ['kept']);
});

test('a trim looks at no more than it is told', () => {
  const map = new IdMap<number>();
  for (let i = 0; i < 10; i++) map.set(i, String(i), 'owner');
  map.trim(
    () => false,
    3,
    () => true,
  );
  assert.equal(map.size, 7);
});

test('one that may not leave, and whose id another one has, keeps none of the others', () => {
  const map = new IdMap<string>();
  map.set('first', 'id', 'a');
  map.set('stays', 'id', 'b');
  for (let i = 0; i < 10; i++) map.set('leaves', String(i), 'a');
  map.trim(
    () => map.size <= 4,
    100,
    (value) => value !== 'stays',
  );
  assert.equal(map.size, 4);
});

test('those that may not leave do not stand before the others for good', () => {
  const map = new IdMap<number>();
  for (let i = 0; i < 10; i++) map.set(i, String(i), 'owner');
  for (let times = 0; times < 4; times++) {
    map.trim(
      () => false,
      3,
      (value) => value > 5,
    );
  }
  assert.deepEqual([...map.values()].sort(), [0, 1, 2, 3, 4, 5]);
});

test('what has left does not survive the collection of young objects, even where entries are old from the start', () => {
  const collectYoung = youngCollector();
  // V8 makes what a place in the program creates old from the start, once nearly all of it has lived long.
  const lasting = new IdMap<object>();
  for (let i = 0; i < 200_000; i++) {
    lasting.set({}, `lasting-${i}`, 'owner');
    if (i % 1_000 === 0) collectYoung();
  }
  const passing = new IdMap<object>();
  assertForgets(
    (key) => passing.set(largeValue(), String(key), 'owner'),
    (key) => passing.delete(String(key), 'owner'),
  );
});
