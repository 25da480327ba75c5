// Answers that wait for the outcome of what they rest on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SealedAnswers } from './seals.ts';
import { VirtualClock } from './virtual-clock.ts';

class Desk {
  readonly clock = new VirtualClock();
  readonly sealed = new SealedAnswers(this.clock);
  readonly delivered: string[] = [];

  receive(id: number, sealer = 1): void {
    const answer = Buffer.from(`answer ${id}`);
    this.sealed.receive({ sealer, id }, answer, (bytes) => this.delivered.push(Buffer.from(bytes).toString()));
  }
}

test('an answer is delivered when its seal holds, and empty when it does not', () => {
  const desk = new Desk();
  desk.receive(1);
  desk.receive(2);
  assert.deepEqual(desk.delivered, []);
  desk.sealed.settle(2, false);
  desk.sealed.settle(1, true);
  assert.deepEqual(desk.delivered, ['', 'answer 1']);
  assert.equal(desk.sealed.size, 0);
});

test('an outcome that comes before its answer is known, once', () => {
  const desk = new Desk();
  desk.sealed.settle(1, true);
  desk.sealed.settle(2, false);
  desk.receive(1);
  desk.receive(2);
  assert.deepEqual(desk.delivered, ['answer 1', '']);
  desk.receive(1);
  assert.equal(desk.delivered.length, 2, 'another answer under the same id waits for an outcome of its own');
});

test('a sealer that is gone breaks its own seals', () => {
  const desk = new Desk();
  desk.receive(1, 1);
  desk.receive(2, 2);
  desk.sealed.sealerIsGone(1);
  assert.deepEqual(desk.delivered, ['']);
  desk.sealed.settle(2, true);
  assert.deepEqual(desk.delivered, ['', 'answer 2']);
});

test('what nobody asks for within a minute is forgotten, on the safe side', async () => {
  const desk = new Desk();
  desk.receive(1);
  desk.sealed.settle(2, true);
  await desk.clock.advance(60_001);
  desk.receive(3);
  assert.deepEqual(desk.delivered, [''], 'an answer without an outcome is not given out');
  desk.receive(2);
  assert.deepEqual(desk.delivered, [''], 'an outcome that was forgotten is none');
  assert.equal(desk.sealed.size, 2);
});
