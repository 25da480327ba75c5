// The server is killed with SIGKILL at random moments under load and started again; what it acknowledged must be there exactly
// once. OSTINATO_CRASH_ROUNDS kills per store (20 for a full run), OSTINATO_CRASH_SEED to choose the same moments again,
// OSTINATO_CRASH_STORE=sqlite|postgres for one store.

import { describe, it } from 'node:test';
import { pause } from '../end-to-end/harness/wait-until.ts';
import { crashRun, type Suffering, seed } from './crash-run.ts';

/** Few by default, so that the suite can be part of every test run. */
const DEFAULT_ROUNDS = 3;
const LEAST_LIFE_MS = 400;
const MOST_LIFE_MS = 2_500;

const rounds = Number(process.env.OSTINATO_CRASH_ROUNDS ?? DEFAULT_ROUNDS);
const stores = (process.env.OSTINATO_CRASH_STORE ?? 'sqlite,postgres').split(',');

describe(`SIGKILL under load, seed ${seed}`, () => {
  for (const store of stores) {
    it(`${rounds} crashes on ${store} lose nothing that was acknowledged`, { timeout: 900_000 }, () =>
      crashRun(store, killRepeatedly),
    );
  }
});

async function killRepeatedly({ target, random }: Suffering): Promise<number[]> {
  const restartMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await pause(random.between(LEAST_LIFE_MS, MOST_LIFE_MS));
    await target.kill();
    const began = performance.now();
    await target.start();
    restartMs.push(performance.now() - began);
  }
  return restartMs;
}
