import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallContext } from '../runtime/service.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { Poll } from './poll.ts';

/** Parks a poll for `waitMs` and tells when it expired. */
function park(clock: VirtualClock, waitMs: number, expired: (atMs: number) => void): void {
  const origin = {
    request: new Uint8Array(0),
    identity: '',
    workerInstanceKey: '',
    forwardedFrom: '',
    workerVersion: '',
  };
  const end = { resolve() {}, reject() {}, ended() {} };
  const nowMs = clock.nowMs();
  const poll = new Poll(origin, {} as CallContext, nowMs, nowMs + waitMs, end);
  poll.startTimer(clock, nowMs, () => expired(clock.nowMs()));
}

test('polls that arrive one by one expire together, a little early and never late', async () => {
  const clock = new VirtualClock();
  const expiredAtMs: number[] = [];
  let dueMs = 0;
  for (let arrived = 0; arrived < 100; arrived++) {
    if (arrived === 0) dueMs = clock.nowMs() + 60_000;
    park(clock, 60_000, (atMs) => expiredAtMs.push(atMs));
    await clock.advance(10);
  }
  await clock.advance(60_000);
  assert.equal(expiredAtMs.length, 100);
  const moments = new Set(expiredAtMs).size;
  assert.ok(moments <= 3, `${moments} moments for polls of one second`);
  assert.ok(expiredAtMs[0]! <= dueMs && expiredAtMs[0]! > dueMs - 500);
  assert.ok(expiredAtMs.at(-1)! <= dueMs + 990);
});

test('a poll with little time has all of it', async () => {
  const clock = new VirtualClock();
  await clock.advance(123);
  const arrivedMs = clock.nowMs();
  let waitedMs = 0;
  park(clock, 1_000, (atMs) => {
    waitedMs = atMs - arrivedMs;
  });
  await clock.advance(2_000);
  assert.equal(waitedMs, 1_000);
});
