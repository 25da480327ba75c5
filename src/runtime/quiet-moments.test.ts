import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALM_MS, QuietMoments } from './quiet-moments.ts';
import { VirtualClock } from './virtual-clock.ts';

function start() {
  const clock = new VirtualClock();
  const moments = new QuietMoments(clock);
  const beganMs = clock.nowMs();
  const calls: number[] = [];
  const ask = (patienceMs: number) => moments.next(patienceMs, () => calls.push(clock.nowMs() - beganMs));
  return { clock, moments, calls, ask };
}

test('a quiet moment is there at once when nothing has stirred', async () => {
  const { clock, calls, ask } = start();
  ask(1_000);
  await clock.advance(0);
  assert.deepEqual(calls, [0]);
});

test('a stir puts it off until all has been calm for a while', async () => {
  const { clock, moments, calls, ask } = start();
  moments.stir(clock.nowMs());
  ask(1_000);
  await clock.advance(CALM_MS - 1);
  moments.stir(clock.nowMs());
  await clock.advance(CALM_MS - 1);
  assert.deepEqual(calls, []);
  await clock.advance(1);
  assert.deepEqual(calls, [2 * CALM_MS - 1]);
});

test('patience ends while everything stirs', async () => {
  const { clock, moments, calls, ask } = start();
  ask(10 * CALM_MS);
  for (let ms = 0; ms < 20 * CALM_MS; ms++) {
    moments.stir(clock.nowMs());
    await clock.advance(1);
  }
  assert.deepEqual(calls, [10 * CALM_MS]);
});

test('whoever has cancelled is not called, also after having been put off', async () => {
  const { clock, moments, calls, ask } = start();
  moments.stir(clock.nowMs());
  const handle = ask(1_000);
  await clock.advance(CALM_MS - 1);
  moments.stir(clock.nowMs());
  await clock.advance(1);
  handle.cancel();
  await clock.advance(2_000);
  assert.deepEqual(calls, []);
});
