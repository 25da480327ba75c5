import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALM_MS, QuietMoments } from '../../runtime/quiet-moments.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { COMMITS_PER_CHORE, QuietChores } from './quiet-chores.ts';

function start() {
  const clock = new VirtualClock();
  const moments = new QuietMoments(clock);
  const done: string[] = [];
  const chores = new QuietChores(moments, [() => done.push('first'), () => done.push('second')]);
  const commit = (times: number) => {
    for (let i = 0; i < times; i++) {
      moments.stir(clock.nowMs());
      chores.committed();
    }
  };
  return { clock, chores, done, commit };
}

test('a chore is due after so many commits, and is done when all is calm', async () => {
  const { clock, done, commit } = start();
  commit(COMMITS_PER_CHORE - 1);
  await clock.advance(1_000);
  assert.deepEqual(done, []);
  commit(1);
  await clock.advance(CALM_MS - 1);
  assert.deepEqual(done, []);
  await clock.advance(1);
  assert.deepEqual(done, ['first']);
});

test('chores take turns, one for each quiet moment', async () => {
  const { clock, done, commit } = start();
  for (let i = 0; i < 3; i++) {
    commit(3 * COMMITS_PER_CHORE);
    await clock.advance(1_000);
  }
  assert.deepEqual(done, ['first', 'second', 'first']);
});

test('without a quiet moment none is done, however long that lasts', async () => {
  const { clock, done, commit } = start();
  for (let ms = 0; ms < 1_000; ms++) {
    commit(1);
    await clock.advance(1);
  }
  assert.deepEqual(done, []);
  await clock.advance(100);
  assert.deepEqual(done, ['first']);
});

test('none is done once stopped', async () => {
  const { clock, chores, done, commit } = start();
  commit(COMMITS_PER_CHORE);
  chores.stop();
  await clock.advance(1_000);
  commit(COMMITS_PER_CHORE);
  await clock.advance(1_000);
  assert.deepEqual(done, []);
});
