// A few seeds of the simulation, one of each kind of fault and then some; node test/simulation/run.ts --seeds 1000 plays more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROFILE_COUNT } from './faults.ts';
import { simulate } from './simulation.ts';

const SEEDS = 2 * PROFILE_COUNT;

for (let seed = 0; seed < SEEDS; seed++) {
  test(`nothing is lost, doubled or left behind under seed ${seed}`, async () => {
    const { problems, description, counts } = await simulate(seed);
    assert.deepEqual(problems, [], `${description}; again: node test/simulation/run.ts --seed ${seed}`);
    assert.ok((counts['workflow tasks'] ?? 0) > 10, 'the simulation did something');
  });
}

test('a seed is played the same way again', async () => {
  const [first, second] = [await simulate(PROFILE_COUNT - 1), await simulate(PROFILE_COUNT - 1)];
  assert.deepEqual(second, first);
});
