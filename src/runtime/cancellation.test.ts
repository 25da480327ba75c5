import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cancellation } from './cancellation.ts';

test('tells all who listen, once, and nobody who has stopped listening', () => {
  const cancellation = new Cancellation();
  const told: string[] = [];
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ onCancelled: () => told.push(name) }));
  for (const listener of [a!, b!, c!]) cancellation.listen(listener);
  cancellation.unlisten(a!);
  cancellation.unlisten(c!);
  cancellation.listen(d!);
  assert.equal(cancellation.cancelled, false);
  cancellation.cancel();
  cancellation.cancel();
  assert.equal(cancellation.cancelled, true);
  assert.deepEqual(told.sort(), ['b', 'd']);
});
