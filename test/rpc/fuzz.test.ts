// A short run of the fuzzer from a fixed seed, and what it found before. FUZZ_SECONDS makes it longer (CI: 60);
// `node test/rpc/fuzz.ts --frames 1000000` is a night's run.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fuzzer } from './fuzz.ts';

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 5);
const PARALLEL = 16;
/** Seeds of findings, kept although the scripts behind them change with the generator. */
const REGRESSIONS = [1560, 2769, 5576, 18_469];

describe('the fuzzer', () => {
  it(`finds nothing in ${SECONDS} s`, { timeout: (SECONDS + 60) * 1000 }, async (context) => {
    const fuzzer = new Fuzzer();
    await fuzzer.start();
    const findings: string[] = [];
    const run = async (seed: number): Promise<void> => {
      const finding = await fuzzer.run(seed);
      if (finding !== undefined) findings.push(`seed ${seed}: ${finding.what}`);
    };
    await Promise.all(REGRESSIONS.map(run));
    const until = Date.now() + SECONDS * 1000;
    let seed = 1;
    const loop = async (): Promise<void> => {
      while (Date.now() < until) await run(seed++);
    };
    await Promise.all(Array.from({ length: PARALLEL }, loop));
    await fuzzer.stop();
    context.diagnostic(`${fuzzer.conversations} conversations, ${fuzzer.frames} frames`);
    assert.deepEqual(findings, []);
    assert.deepEqual([...fuzzer.differences], []);
  });
});
