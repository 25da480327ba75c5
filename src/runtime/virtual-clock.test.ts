import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './virtual-clock.ts';

test('timers run in order of due time, then of creation', async () => {
  const clock = new VirtualClock(0);
  const ran: string[] = [];
  clock.after(20, () => ran.push('c'));
  clock.after(10, () => ran.push('a'));
  clock.after(10, () => ran.push('b'));
  await clock.advance(15);
  assert.deepEqual(ran, ['a', 'b']);
  assert.equal(clock.nowMs(), 15);
  await clock.advance(5);
  assert.deepEqual(ran, ['a', 'b', 'c']);
});

test('a timer sees its own due time, and what it sets in motion settles before the next one', async () => {
  const clock = new VirtualClock(0);
  const seen: [string, number][] = [];
  clock.after(10, () => {
    void (async () => {
      await Promise.resolve();
      clock.defer(() => seen.push(['deferred', clock.nowMs()]));
      clock.after(5, () => seen.push(['nested', clock.nowMs()]));
    })();
  });
  clock.after(12, () => seen.push(['second', clock.nowMs()]));
  await clock.advance(100);
  assert.deepEqual(seen, [
    ['deferred', 10],
    ['second', 12],
    ['nested', 15],
  ]);
});

test('a cancelled timer does not run, and cancelling twice is harmless', async () => {
  const clock = new VirtualClock(0);
  let ran = 0;
  const handle = clock.after(10, () => ran++);
  clock.after(11, () => ran++);
  handle.cancel();
  handle.cancel();
  assert.equal(clock.pendingTimers, 1);
  await clock.runUntilIdle();
  assert.equal(ran, 1);
  assert.equal(clock.pendingTimers, 0);
});

test('runUntilIdle stops at its limit and leaves later timers', async () => {
  const clock = new VirtualClock(0);
  let ticks = 0;
  const tick = () => {
    ticks++;
    clock.after(1_000, tick);
  };
  clock.after(1_000, tick);
  await clock.runUntilIdle(10_500);
  assert.equal(ticks, 10);
  assert.equal(clock.nextDueMs(), 11_000);
});

test('ten thousand timers in random order run sorted', async () => {
  const clock = new VirtualClock(0);
  let state = 42;
  let last = -1;
  let count = 0;
  for (let i = 0; i < 10_000; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const delayMs = state % 1_000_000;
    clock.after(delayMs, () => {
      assert.ok(clock.nowMs() >= last);
      last = clock.nowMs();
      count++;
    });
  }
  await clock.runUntilIdle();
  assert.equal(count, 10_000);
});

test('runUntil says when its condition can no longer come true', async () => {
  const clock = new VirtualClock(0);
  let done = false;
  clock.after(50, () => {
    done = true;
  });
  await clock.runUntil(() => done);
  assert.equal(clock.nowMs(), 50);
  await assert.rejects(
    clock.runUntil(() => false),
    /no timer left/,
  );
});
