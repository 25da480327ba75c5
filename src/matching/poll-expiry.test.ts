import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallContext } from '../runtime/service.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { Poll, PollQueue } from './poll.ts';
import { PollExpiry } from './poll-expiry.ts';

const ORIGIN = {
  request: new Uint8Array(0),
  identity: '',
  workerInstanceKey: '',
  forwardedFrom: '',
  workerVersion: '',
};

/** Polls of one partition, parked for some time. */
class Parking {
  readonly clock = new VirtualClock();
  readonly expiredAtMs: number[] = [];
  readonly queue = new PollQueue();
  readonly expiry = new PollExpiry(this.clock);

  park(waitMs: number): Poll {
    const owner = {
      expired: (poll: Poll) => {
        this.expiredAtMs.push(this.clock.nowMs());
        poll.answer(new Uint8Array(0));
      },
      ended() {},
    };
    const nowMs = this.clock.nowMs();
    const poll = new Poll(ORIGIN, {} as CallContext, nowMs, nowMs + waitMs, { resolve() {}, reject() {}, owner });
    this.queue.push(poll);
    this.expiry.watch(poll);
    return poll;
  }
}

test('polls that arrive one by one expire together, a little early and never late', async () => {
  const parking = new Parking();
  const { clock, expiredAtMs } = parking;
  let dueMs = 0;
  for (let arrived = 0; arrived < 100; arrived++) {
    if (arrived === 0) dueMs = clock.nowMs() + 60_000;
    parking.park(60_000);
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
  const parking = new Parking();
  const { clock, expiredAtMs } = parking;
  await clock.advance(123);
  const arrivedMs = clock.nowMs();
  parking.park(1_000);
  await clock.advance(2_000);
  assert.deepEqual(expiredAtMs, [arrivedMs + 1_000]);
});

test('polls that are due together share one timer, which is gone with the last of them', async () => {
  const parking = new Parking();
  const { clock, expiredAtMs } = parking;
  const polls = Array.from({ length: 5 }, () => parking.park(60_000));
  assert.equal(clock.pendingTimers, 1);
  for (const poll of [polls[2]!, polls[0]!, polls[4]!]) poll.answer(new Uint8Array(0));
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(60_000);
  assert.equal(expiredAtMs.length, 2);
  assert.equal(clock.pendingTimers, 0);
  parking.park(60_000).answer(new Uint8Array(0));
  assert.equal(clock.pendingTimers, 0);
});

test('a poll that is elsewhere when its moment comes does not expire, and is watched again when it is back', async () => {
  const parking = new Parking();
  const { clock, expiredAtMs } = parking;
  await clock.advance(123);
  const poll = parking.park(60_000);
  parking.queue.remove(poll);
  // A little before its time is really over.
  await clock.advance(59_990);
  assert.deepEqual(expiredAtMs, []);
  parking.queue.push(poll);
  parking.expiry.watch(poll);
  await clock.advance(10);
  assert.deepEqual(expiredAtMs, [poll.expiresAtMs]);
});

test('watching twice is watching once', async () => {
  const parking = new Parking();
  parking.expiry.watch(parking.park(60_000));
  await parking.clock.advance(60_000);
  assert.equal(parking.expiredAtMs.length, 1);
});
