// npm test: everything that must hold, cheapest first. Each stage is a set of test files for node:test with an environment.
//   npm test                 all stages, both stores
//   npm test -- --quick      unit and contract tests, end to end on the embedded store
//   npm test -- unit crash   only these stages
// What failed is told again at the end, with its error. The last line is `N passed, N failed`; the exit code is 1 when something failed.

import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';

interface Stage {
  readonly name: string;
  readonly files: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Files at a time. Each end-to-end file starts a server and a worker of its own. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly quick: boolean;
}

const PROJECT = join(import.meta.dirname, '..');
const MINUTE_MS = 60_000;
const CORES = availableParallelism();
/** Of each failure at the end. */
const MAX_REASON_LINES = 40;
const KEPT_STDERR_CHARS = 8_000;

const STAGES: readonly Stage[] = [
  {
    name: 'unit',
    files: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    concurrency: CORES,
    timeoutMs: 5 * MINUTE_MS,
    quick: true,
  },
  {
    name: 'rpc',
    files: [
      'test/rpc/**/*.test.ts',
      'test/server/**/*.test.ts',
      'test/simulation/**/*.test.ts',
      'test/differential/**/*.test.ts',
      'test/invariants/**/*.test.ts',
      'test/sdk-typescript/**/*.test.ts',
    ],
    concurrency: CORES,
    timeoutMs: 5 * MINUTE_MS,
    quick: true,
  },
  {
    name: 'end-to-end',
    files: ['test/end-to-end/**/*.test.ts'],
    environment: { OSTINATO_E2E_STORE: 'sqlite' },
    concurrency: 2,
    timeoutMs: 10 * MINUTE_MS,
    quick: true,
  },
  {
    name: 'end-to-end-postgres',
    files: ['test/end-to-end/**/*.test.ts'],
    environment: { OSTINATO_E2E_STORE: 'postgres' },
    concurrency: 2,
    timeoutMs: 10 * MINUTE_MS,
    quick: false,
  },
  {
    name: 'executable',
    files: ['test/executable/**/*.test.ts'],
    concurrency: 1,
    timeoutMs: 3 * MINUTE_MS,
    quick: false,
  },
  {
    name: 'crash',
    files: ['test/crash/**/*.test.ts'],
    concurrency: 1,
    timeoutMs: 15 * MINUTE_MS,
    quick: false,
  },
  {
    // Says what it skips without a browser or the UI's files.
    name: 'web-ui',
    files: ['test/web-ui/**/*.test.ts'],
    concurrency: 1,
    timeoutMs: 3 * MINUTE_MS,
    quick: false,
  },
  {
    // Says what it skips without Go, Python or a module proxy; holds itself to ten minutes.
    name: 'conformance',
    files: ['test/conformance/**/*.test.ts'],
    concurrency: 1,
    timeoutMs: 12 * MINUTE_MS,
    quick: false,
  },
];

interface Counts {
  passed: number;
  failed: number;
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const quick = process.argv.includes('--quick');
const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`unknown stage ${unknown.join(', ')}; there are ${STAGES.map((stage) => stage.name).join(', ')}`);
  process.exit(1);
}
const stages = STAGES.filter((stage) => (names.length > 0 ? names.includes(stage.name) : !quick || stage.quick));

const total: Counts = { passed: 0, failed: 0 };
const failures: string[] = [];
/** How many tests each reason kept from being run. */
const skipped = new Map<string, number>();
for (const stage of stages) {
  const files = stage.files.flatMap((pattern) => globSync(pattern, { cwd: PROJECT })).sort();
  if (files.length === 0) continue;
  console.log(`\n── ${stage.name}: ${files.length} files`);
  const startMs = performance.now();
  const counts = await runStage(stage, files);
  total.passed += counts.passed;
  total.failed += counts.failed;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`── ${stage.name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
}
if (failures.length > 0) console.log(`\nfailed:\n${failures.join('\n')}`);
for (const [reason, tests] of skipped) console.log(`\nSKIPPED ${tests}: ${reason}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

async function runStage(stage: Stage, files: readonly string[]): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0 };
  const tests = run({
    files: files.map((file) => join(PROJECT, file)),
    concurrency: stage.concurrency,
    // Of one test; the signal ends whatever a stuck file leaves running.
    timeout: stage.timeoutMs,
    signal: AbortSignal.timeout(2 * stage.timeoutMs),
    cwd: PROJECT,
    env: { ...process.env, ...stage.environment },
  });
  tests.on('test:pass', (event) => {
    if (event.details.type === 'suite') return;
    if (event.skip === undefined) counts.passed++;
    else noteSkipped(`${stage.name}: ${event.name}`, event.skip);
  });
  const stderr = new Map<string, string>();
  tests.on('test:stderr', ({ file, message }) => {
    stderr.set(file, ((stderr.get(file) ?? '') + message).slice(-KEPT_STDERR_CHARS));
  });
  tests.on('test:fail', ({ name, file = '', details }) => {
    if (details.type === 'suite') return;
    counts.failed++;
    const isFile = name === file;
    failures.push(indented(2, `${stage.name}: ${name}${isFile ? '' : ` (${file})`}`));
    // A file that ended before its tests did has said why itself, unless a signal ended it.
    const reason = isFile ? `${stderr.get(file) ?? ''}${ending(details.error)}` : inspect(details.error.cause);
    const lines = reason.split('\n');
    failures.push(indented(6, (isFile ? lines.slice(-MAX_REASON_LINES) : lines.slice(0, MAX_REASON_LINES)).join('\n')));
  });
  const output = tests.compose(new spec());
  output.pipe(process.stdout, { end: false });
  await finished(output);
  return counts;
}

/** Of a file's process. */
function ending(error: Error & { exitCode?: number | null; signal?: string | null }): string {
  return `ended with ${error.signal ?? error.exitCode}`;
}

function indented(columns: number, text: string): string {
  return text.replace(/^/gm, ' '.repeat(columns));
}

/** Those with a reason are told by it, however many they are. */
function noteSkipped(test: string, reason: string | boolean): void {
  const line = typeof reason === 'string' ? `${test.slice(0, test.indexOf(':'))}: ${reason}` : test;
  skipped.set(line, (skipped.get(line) ?? 0) + 1);
}
