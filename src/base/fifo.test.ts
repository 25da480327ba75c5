import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../test/crash/random.ts';
import { Fifo } from './fifo.ts';
import { assertForgets, largeValue } from './testing/assert-forgets.ts';

test('what came first leaves first, however full it was in between', () => {
  const random = new Random(17);
  const fifo = new Fifo<{ readonly step: number }>();
  const model: { readonly step: number }[] = [];
  for (let step = 0; step < 5_000; step++) {
    // Fills and empties in turns.
    if (random.next() < (step % 1_000 < 500 ? 0.7 : 0.3)) {
      fifo.push({ step });
      model.push({ step });
    } else {
      assert.deepEqual(fifo.shift(), model.shift());
    }
    assert.equal(fifo.size, model.length);
  }
  fifo.clear();
  assert.equal(fifo.shift(), undefined);
});

test('what has left does not survive the collection of young objects', () => {
  const fifo = new Fifo<object>();
  assertForgets(
    () => fifo.push(largeValue()),
    () => fifo.shift(),
  );
});
