// node test/simulation/run.ts [--seed N] [--seeds COUNT]: COUNT seeds from N on, one after the other. Without --seeds, one seed
// and every problem that it has; --dump wf-3 prints that workflow's histories. The last line says how to play the first failing seed again.

import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    dump: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
const failed: number[] = [];
const totals: Record<string, number> = {};
const startMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
  const began = performance.now();
  let problems: readonly string[];
  let description = '';
  try {
    const result = await simulate(seed, values.dump);
    problems = result.problems;
    description = result.description;
    for (const [what, number] of Object.entries(result.counts)) totals[what] = (totals[what] ?? 0) + number;
  } catch (error) {
    problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  if (problems.length > 0) {
    failed.push(seed);
    console.log(`seed ${seed} (${description}): ${problems.length} problems`);
    for (const problem of problems.slice(0, count === 1 ? 50 : 3)) console.log(`  ${problem}`);
  } else if (!values.quiet) {
    console.log(`seed ${seed} (${description}): ok, ${Math.round(performance.now() - began)} ms`);
  }
}
console.log(
  `${count} seeds in ${((performance.now() - startMs) / 1000).toFixed(1)} s, ${failed.length} failed; ` +
    Object.entries(totals)
      .map(([what, number]) => `${number} ${what}`)
      .join(', '),
);
if (failed.length > 0) {
  console.log(`failed: ${failed.join(' ')}`);
  console.log(`again: node test/simulation/run.ts --seed ${failed[0]}`);
  process.exitCode = 1;
}
