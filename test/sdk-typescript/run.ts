// `npm run sdk-tests`: the TypeScript SDK's own tests against Ostinato or a Temporal executable. See docs/testing.md.
//   npm run sdk-tests -- --checkout ../sdk-typescript [--ref v1.24.0]      once: sets the tests up in --work
//   npm run sdk-tests -- --target /usr/local/bin/temporal                  against Temporal, kept in --work
//   npm run sdk-tests                                                      against Ostinato, compared with what is kept
// As the SDK's own CI does it: one server on port 7233 for the whole run, further ones started by the tests themselves.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { repositoryRoot, waitForFrontend } from '../end-to-end/harness/server.ts';
import { prepare, sdkVersion } from './prepare.ts';
import { readTap, type TestResult } from './tap.ts';

/** Most of the tests know no other. */
const ADDRESS = '127.0.0.1:7233';
/** The slowest file takes two minutes on Temporal. */
const FILE_LIMIT_MS = 300_000;
const START_LIMIT_MS = 60_000;
/** AVA counts from the last progress; the SDK's own setting is 60 s. */
const AVA_TIMEOUT = '60s';

/** The SDK's .github/workflows/ci.yml. */
const DYNAMIC_CONFIG = [
  'system.enableActivityEagerExecution=true',
  'history.enableRequestIdRefLinks=true',
  'frontend.activityAPIsEnabled=true',
  'activity.enableStandalone=true',
  'activity.startDelayEnabled=true',
  'activity.longPollTimeout="5000ms"',
  'history.enableChasm=true',
  'history.enableTransitionHistory=true',
];
/** IndexedValueType of each; the SDK's dev server has them from its command line. */
const SEARCH_ATTRIBUTES = {
  CustomTextField: 1,
  CustomKeywordField: 2,
  CustomIntField: 3,
  CustomDoubleField: 4,
  CustomBoolField: 5,
  CustomDatetimeField: 6,
};

/** Files that need what no dev server has. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'test-temporal-cloud': 'needs an account of Temporal Cloud',
  'test-testenvironment': "is about the SDK's time-skipping test server",
};

/** Differences that have a reason, by file and test: docs/sdk-tests.md. */
const EXPLAINED: readonly (readonly [RegExp, string])[] = [
  [/^test-(.*-)?nexus-?/, 'Nexus'],
  [/schedule/i, 'schedules'],
  [/^test-worker-deployment-versioning/, 'worker deployments'],
];

type Results = Record<string, readonly TestResult[]>;

const { values: options } = parseArgs({
  options: {
    checkout: { type: 'string' },
    ref: { type: 'string' },
    target: { type: 'string', default: 'ostinato' },
    work: { type: 'string', default: join(repositoryRoot, '..', 'sdk-tests') },
    only: { type: 'string' },
  },
});
const work = resolve(options.work);
const isOstinato = options.target === 'ostinato';

async function main(): Promise<void> {
  if (options.checkout !== undefined) {
    await prepare(resolve(options.checkout), options.ref ?? `v${await sdkVersion()}`, work);
  }
  const tests = join(work, 'packages', 'test');
  if (!existsSync(join(tests, 'lib'))) {
    process.stdout.write(`skipped: no tests of the SDK in ${work}; --checkout sets them up\n`);
    return;
  }
  const executable = isOstinato ? await ostinatoExecutable() : resolve(options.target);
  const kept = join(work, isOstinato ? 'ostinato.json' : 'temporal.json');
  const only = new RegExp(options.only ?? '');
  const files = globSync('lib/test-*.js', { cwd: tests }).sort();
  const chosen = files.filter((file) => only.test(file) && LEFT_OUT[testName(file)] === undefined);

  const results = existsSync(kept) ? (JSON.parse(await readFile(kept, 'utf8')) as Results) : {};
  const server = await startServer(executable);
  try {
    for (const file of chosen) {
      const began = performance.now();
      const found = await runFile(tests, file, executable);
      results[testName(file)] = found;
      await writeFile(kept, `${JSON.stringify(results, null, 1)}\n`);
      const seconds = Math.round((performance.now() - began) / 1000);
      process.stdout.write(`${testName(file)}: ${counts(found)}, ${seconds} s\n`);
    }
  } finally {
    await server.stop();
  }
  const reference = join(work, 'temporal.json');
  if (isOstinato && existsSync(reference)) {
    compare(JSON.parse(await readFile(reference, 'utf8')) as Results, results);
  }
}

function testName(file: string): string {
  return basename(file, '.js');
}

/** The SDK wants a file to execute. */
async function ostinatoExecutable(): Promise<string> {
  const path = join(work, 'ostinato');
  const main = join(repositoryRoot, 'src', 'main.js');
  await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

async function startServer(executable: string): Promise<{ stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'sdk-tests-'));
  const [ip = '', port = ''] = ADDRESS.split(':');
  const child = spawn(
    executable,
    [
      ...['server', 'start-dev', '--headless', '--ip', ip, '--port', port],
      ...['--db-filename', join(folder, 'temporal.sqlite')],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'],
      ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitForFrontend(ADDRESS, Date.now() + START_LIMIT_MS);
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}; is ${ADDRESS} in use?`);
    await registerSearchAttributes();
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/** The namespace may come a moment after the listener. */
async function registerSearchAttributes(): Promise<void> {
  const connection = await Connection.connect({ address: ADDRESS });
  const deadline = Date.now() + START_LIMIT_MS;
  try {
    for (;;) {
      try {
        await connection.operatorService.addSearchAttributes({
          namespace: 'default',
          searchAttributes: SEARCH_ATTRIBUTES,
        });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  } finally {
    await connection.close();
  }
}

async function runFile(tests: string, file: string, executable: string): Promise<readonly TestResult[]> {
  const ava = join(work, 'node_modules', '.bin', 'ava');
  const child = spawn(process.execPath, [ava, '--tap', `--timeout=${AVA_TIMEOUT}`, file], {
    cwd: tests,
    detached: true, // a group of its own: what a file leaves behind goes with it
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, RUN_INTEGRATION_TESTS: 'true', SDK_TESTS_SERVER: executable },
  });
  const timer = setTimeout(() => killGroup(child), FILE_LIMIT_MS);
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  const printed: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk));
  const closed = once(child, 'close');
  await once(child, 'exit');
  clearTimeout(timer);
  killGroup(child);
  await closed;
  const logs = join(work, isOstinato ? 'logs-ostinato' : 'logs-temporal');
  await mkdir(logs, { recursive: true });
  const text = Buffer.concat(output).toString();
  await writeFile(join(logs, `${testName(file)}.tap`), text + Buffer.concat(printed).toString());
  return readTap(text);
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function counts(results: readonly TestResult[]): string {
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** A test that is absent here has hung, or its file ended early. */
function compare(temporal: Results, ostinato: Results): void {
  let passedThere = 0;
  let passedHere = 0;
  const explained = new Map<string, number>();
  for (const [file, theirs] of Object.entries(temporal)) {
    const ours = new Map((ostinato[file] ?? []).map((result) => [result.test, result.outcome]));
    for (const { test, outcome } of theirs) {
      if (outcome !== 'passed') continue;
      passedThere++;
      if (ours.get(test) === 'passed') {
        passedHere++;
        continue;
      }
      const name = `${file}: ${test}`;
      const reason = EXPLAINED.find(([pattern]) => pattern.test(name))?.[1];
      if (reason !== undefined) {
        explained.set(reason, (explained.get(reason) ?? 0) + 1);
        continue;
      }
      process.stdout.write(`${name}: ${ours.get(test) ?? 'no result'}\n`);
      process.exitCode = 1;
    }
  }
  for (const [reason, count] of explained) process.stdout.write(`${count} differ: ${reason}\n`);
  process.stdout.write(`of ${passedThere} tests that pass on Temporal, ${passedHere} pass on Ostinato\n`);
}

await main();
