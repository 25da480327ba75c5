// `npm run conformance`: Temporal's own functional suites against a fresh Ostinato per group. See README.md beside this file.

import { parseArgs } from 'node:util';
import { prepareBinary } from './binary.ts';
import { isFailure, type Result, runGroup } from './group.ts';
import { GROUPS, testsOf } from './lists.ts';

/** A single test; the slowest takes 90 s on Temporal. */
const TEST_LIMIT_SECONDS = 240;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    group: { type: 'string', multiple: true },
    list: { type: 'string', default: 'must' },
    all: { type: 'boolean', default: false },
    target: { type: 'string' },
    'target-http': { type: 'string' },
    store: { type: 'string', default: process.env.OSTINATO_E2E_STORE ?? 'sqlite' },
    processes: { type: 'string', default: '3' },
    limit: { type: 'string', default: String(TEST_LIMIT_SECONDS) },
    // For the whole run, the building of the test binary included.
    minutes: { type: 'string', default: 'Infinity' },
    // For machines that are slow at times: many of these tests hold the server to fractions of a second.
    retries: { type: 'string', default: '0' },
  },
});

const say = (line: string) => process.stdout.write(`${line}\n`);

function targetOf(address: string): { address: string; httpAddress: string } {
  const [host, port] = address.split(':');
  return { address, httpAddress: options['target-http'] ?? `${host}:${Number(port) + 10}` };
}

function report(group: string, results: readonly Result[], later: number, seconds: number): void {
  const count = (...outcomes: string[]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const failed = results.filter(isFailure);
  const notes = [
    count('NOTRUN') > 0 ? `${count('NOTRUN')} NOT RUN, the time was over` : '',
    count('SKIP') > 0 ? `${count('SKIP')} skipped themselves` : '',
    later > 0 ? `${later} wait for later work` : '',
  ];
  const note = notes.filter(Boolean).join(', ');
  say(
    `${group}: ${count('PASS')} passed, ${failed.length} failed in ${seconds.toFixed(0)} s${note ? ` (${note})` : ''}`,
  );
  for (const result of failed) say(`  ${result.outcome} ${result.test} (${result.seconds} s) ${result.reason}`);
}

const deadlineMs = performance.now() + Number(options.minutes) * 60_000;
const prepared = await prepareBinary(deadlineMs - performance.now(), say);
if ('missing' in prepared) {
  say(`SKIPPED: Temporal's functional suites were not run, because ${prepared.missing}`);
} else {
  const only = options.only === undefined ? undefined : new RegExp(options.only);
  for (const group of GROUPS.filter((name) => !options.group || options.group.includes(name))) {
    const { chosen, later } = await testsOf(group, { list: options.list, only, all: options.all });
    if (chosen.length === 0) {
      if (only === undefined) say(`${group}: nothing to run`);
      continue;
    }
    const began = performance.now();
    const results = await runGroup(group, chosen, {
      binary: prepared.binary,
      store: options.store,
      processes: Number(options.processes),
      limitSeconds: Number(options.limit),
      retries: Number(options.retries),
      deadlineMs,
      target: options.target === undefined ? undefined : targetOf(options.target),
      say: (line) => say(`  ${line}`),
    });
    report(group, results, later.length, (performance.now() - began) / 1000);
    if (results.some(isFailure)) process.exitCode = 1;
  }
}
