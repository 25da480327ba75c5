// The server dies before, in and right after a commit, of its history threads and of matching; its stores refuse commits; its
// threads throw. What it acknowledged must be there exactly once all the same. OSTINATO_CRASH_SEED, OSTINATO_CRASH_STORE and
// OSTINATO_CRASH_ROUNDS (deaths per fault point) as in crash.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pause } from '../end-to-end/harness/wait-until.ts';
import { crashRun } from './crash-run.ts';

const DEATHS = ['commit-before', 'commit-in', 'commit-after', 'queue-before', 'queue-in', 'queue-after'];
/** Commits that a thread survives: the load makes hundreds a second. */
const MOST_COMMITS = 300;
/** Matching writes only what finds no worker. */
const MOST_QUEUE_COMMITS = 5;
const DEATH_DEADLINE_MS = 60_000;
const SUFFERING_MS = 4_000;

const rounds = Number(process.env.OSTINATO_CRASH_ROUNDS ?? 1);
const stores = (process.env.OSTINATO_CRASH_STORE ?? 'sqlite,postgres').split(',');

describe('fault points', () => {
  for (const store of stores) {
    it(`deaths before, in and after commits on ${store} lose nothing`, { timeout: 900_000 }, () =>
      crashRun(store, async ({ target, random }) => {
        const restarts: number[] = [];
        for (const point of DEATHS.flatMap((each) => Array.from({ length: rounds }, () => each))) {
          const most = point.startsWith('queue') ? MOST_QUEUE_COMMITS : MOST_COMMITS;
          const fault = `${point}:${random.between(1, most)}`;
          await target.kill();
          const began = performance.now();
          // It may die while it starts.
          const started = await target.start(fault).then(
            () => true,
            () => false,
          );
          restarts.push(performance.now() - began);
          if (!started) continue;
          await target.died(DEATH_DEADLINE_MS).catch((error) => assert.fail(`${fault} did not strike: ${error}`));
        }
        await target.start();
        return restarts;
      }),
    );

    it(`commits that fail, and whose answers are lost, on ${store} lose nothing`, { timeout: 900_000 }, () =>
      crashRun(store, async ({ target, random }) => {
        const restarts: number[] = [];
        for (const fault of [`fail:${random.between(20, 60)}`, `queue-fail:${random.between(2, 5)}`]) {
          await target.kill();
          const began = performance.now();
          await target.start(fault);
          restarts.push(performance.now() - began);
          await pause(SUFFERING_MS);
        }
        await target.kill();
        await target.start();
        return restarts;
      }),
    );

    it(
      `threads that throw on ${store} come back with their shards and queues, without the process`,
      {
        timeout: 900_000,
      },
      () =>
        crashRun(store, async ({ target, random }) => {
          for (const fault of [`queue-throw:${random.between(1, 3)}`, `throw:${random.between(50, 200)}`]) {
            await target.kill();
            await target.start(fault);
            const printed = [/injected: a thread throws/, /a thread ended and is restarted/];
            await Promise.all(printed.map((each) => target.hasPrinted(each, DEATH_DEADLINE_MS))).catch((error) =>
              assert.fail(`${fault} did not strike, or nobody said so: ${error}`),
            );
            await pause(SUFFERING_MS);
          }
          // The last process goes on: nothing but its threads was restarted.
          return [];
        }),
    );
  }
});
