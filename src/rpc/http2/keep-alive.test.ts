import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_KEEP_ALIVE } from '../limits.ts';
import { FloodGuard } from './flood-guard.ts';
import { KeepAlive } from './keep-alive.ts';

const SECOND = 1000;
const keepAlive = (policy = {}): KeepAlive => new KeepAlive({ ...DEFAULT_KEEP_ALIVE, ...policy }, 0, () => 0.5);

describe('keep-alive', () => {
  it('forgives two pings in excess', () => {
    const one = keepAlive();
    assert.deepEqual(
      [0, 1, 2, 3].map((second) => one.allowPing(second * SECOND, true)),
      [true, true, true, false],
    );
  });

  it('allows pings at the agreed rate for ever', () => {
    const one = keepAlive();
    for (let second = 0; second < 1000; second += 10) assert.ok(one.allowPing(second * SECOND, true));
  });

  it('forgets strikes once data was sent', () => {
    const one = keepAlive();
    for (let i = 0; i < 100; i++) {
      assert.ok(one.allowPing(i, true));
      one.noteDataSent();
    }
  });

  it('counts all pings without a call where those are not permitted', () => {
    const one = keepAlive({ permitWithoutStream: false });
    assert.deepEqual(
      [0, 60, 120, 180].map((second) => one.allowPing(second * SECOND, false)),
      [true, true, true, false],
    );
  });

  it('pings a silent peer, and gives it up when it does not answer', () => {
    const one = keepAlive();
    assert.equal(one.check(59 * SECOND, true), 'none');
    assert.equal(one.check(60 * SECOND, true), 'ping');
    assert.equal(one.check(65 * SECOND, true), 'none');
    assert.equal(one.check(70 * SECOND, true), 'ping timeout');
  });

  it('goes on with a peer that answers', () => {
    const one = keepAlive();
    assert.equal(one.check(60 * SECOND, true), 'ping');
    one.noteRead(61 * SECOND);
    assert.equal(one.check(75 * SECOND, true), 'none');
    assert.equal(one.check(121 * SECOND, true), 'ping');
  });

  it('sends idle connections away, and busy ones at their age', () => {
    const one = keepAlive();
    one.noteRead(119 * SECOND);
    one.noteIdle(10 * SECOND);
    assert.equal(one.check(129 * SECOND, false), 'none');
    assert.equal(one.check(130 * SECOND, false), 'idle');
    one.noteRead(299 * SECOND);
    assert.equal(one.check(300 * SECOND, true), 'aged');
    assert.equal(one.check(370 * SECOND, true), 'age grace over');
  });
});

describe('the flood guard', () => {
  it('allows bursts, and refills with time', () => {
    const guard = new FloodGuard(0);
    for (let i = 0; i < 100; i++) assert.ok(guard.spend(1000, 0));
    assert.equal(guard.spend(1000, 0), false);
    assert.ok(guard.spend(1000, 1000));
  });

  it('ends what goes on for too long', () => {
    const guard = new FloodGuard(0);
    let ms = 0;
    while (guard.spend(100, ms)) ms++;
    // 100,000 points at 100 a millisecond, of which 20 come back
    assert.ok(ms > 1000 && ms < 1500, `${ms}`);
  });
});
