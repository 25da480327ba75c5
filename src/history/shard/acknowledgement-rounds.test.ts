import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import { CALM_MS, QuietMoments } from '../../runtime/quiet-moments.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { AcknowledgementRounds, SHARDS_PER_ROUND, TASKS_PER_ROUND } from './acknowledgement-rounds.ts';

const INTERVAL_MS = 2_000;
const config: DynamicConfig = { get: ({ defaultValue }) => defaultValue };

function start() {
  const clock = new VirtualClock();
  const moments = new QuietMoments(clock);
  const rounds = new AcknowledgementRounds({ clock, moments, config });
  const done: string[] = [];
  const shard = (name: string) => () => done.push(`${name} ${clock.nowMs() - startMs}`);
  const startMs = clock.nowMs();
  return { clock, moments, rounds, done, shard };
}

test('shards that have something to acknowledge do so together, once', async () => {
  const { clock, rounds, done, shard } = start();
  const [first, second] = [shard('first'), shard('second')];
  rounds.join(first, 1);
  await clock.advance(INTERVAL_MS - 1);
  rounds.join(second, 1);
  rounds.join(first, 1);
  assert.deepEqual(done, []);
  await clock.advance(1);
  assert.deepEqual(done, ['first 2000', 'second 2000']);
  await clock.advance(10 * INTERVAL_MS);
  assert.equal(done.length, 2);
  assert.equal(clock.pendingTimers, 0, 'shards at rest ask nothing of the processor');
});

test('a round waits for a quiet moment', async () => {
  const { clock, moments, rounds, done, shard } = start();
  rounds.join(shard('first'), 1);
  await clock.advance(INTERVAL_MS - 1);
  moments.stir(clock.nowMs());
  await clock.advance(1);
  assert.deepEqual(done, []);
  await clock.advance(10);
  assert.equal(done.length, 1);
});

test('so many tasks bring the round forward, whatever the moment, but not into the commit that brought them', async () => {
  const { clock, moments, rounds, done, shard } = start();
  const first = shard('first');
  for (let tasks = 0; tasks < TASKS_PER_ROUND - 1; tasks++) rounds.join(first, 1);
  await clock.advance(1);
  assert.deepEqual(done, []);
  moments.stir(clock.nowMs());
  rounds.join(shard('second'), 1);
  rounds.join(first, 1);
  assert.deepEqual(done, []);
  await clock.advance(0);
  assert.deepEqual(done, ['first 1', 'second 1']);
  // The count begins anew, and the interval.
  rounds.join(first, TASKS_PER_ROUND - 1);
  await clock.advance(INTERVAL_MS - 1);
  assert.equal(done.length, 2);
  await clock.advance(1);
  assert.equal(done.length, 3);
});

test('many shards take several rounds, each in a quiet moment of its own', async () => {
  const { clock, moments, rounds, done, shard } = start();
  for (let i = 0; i <= SHARDS_PER_ROUND; i++) {
    const acknowledge = shard(String(i));
    rounds.join(() => {
      acknowledge();
      moments.stir(clock.nowMs()); // as the commit does that follows
    }, 1);
  }
  await clock.advance(INTERVAL_MS);
  assert.equal(done.length, SHARDS_PER_ROUND);
  await clock.advance(CALM_MS);
  assert.equal(done.length, SHARDS_PER_ROUND + 1);
});

test('a shard that is lost is not asked', async () => {
  const { clock, rounds, done, shard } = start();
  const [first, second] = [shard('first'), shard('second')];
  rounds.join(first, 1);
  rounds.join(second, 1);
  rounds.leave(first);
  await clock.advance(INTERVAL_MS);
  assert.deepEqual(done, ['second 2000']);
  rounds.join(second, 1);
  rounds.leave(second);
  assert.equal(clock.pendingTimers, 0);
});
