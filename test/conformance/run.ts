// `npm run conformance`: Temporal's own functional suites against a fresh Ostinato per group. See README.md beside this file.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { freePort, startPostgres } from '../end-to-end/harness/postgres.ts';
import { OstinatoServer, repositoryRoot } from '../end-to-end/harness/server.ts';

const run = promisify(execFile);
const folder = dirname(fileURLToPath(import.meta.url));
const cache = join(repositoryRoot, 'node_modules', '.cache', 'ostinato-conformance');

const GROUPS = ['main', 'sizelimit', 'rawhistory', 'reuse0'] as const;
type Group = (typeof GROUPS)[number];

/** Some tests compute a shard id for AdminService; the suites were run against Temporal with this number. */
const HISTORY_SHARDS = 4;
/** A single test; the slowest takes 90 s on Temporal. */
const TEST_LIMIT_SECONDS = 240;

interface Result {
  readonly test: string;
  readonly outcome: string;
  readonly seconds: string;
  readonly reason: string;
}

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
    // For machines that are slow at times: many of these tests hold the server to fractions of a second.
    retries: { type: 'string', default: '0' },
  },
});

/** The tests of a group that are to run, and those that wait for later work. */
async function testsOf(group: Group): Promise<{ chosen: string[]; later: string[] }> {
  const candidates = [`${options.list}-${group}.txt`, `tests-${group}.txt`].map((name) => join(folder, name));
  const file = candidates.find((path) => existsSync(path));
  if (!file) throw new Error(`no list for group ${group}`);
  const listed = await readLines(file);
  const patterns = (await readLines(join(folder, 'later.txt')))
    .filter((line) => !line.startsWith('#'))
    .map((line) => new RegExp(line.split(' ')[0] ?? ''));
  const only = options.only ? new RegExp(options.only) : undefined;
  const wanted = listed.filter((test) => !only || only.test(test));
  const isLater = (test: string) => !options.all && patterns.some((pattern) => pattern.test(test));
  return { chosen: wanted.filter((test) => !isLater(test)), later: wanted.filter(isLater) };
}

async function readLines(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
}

/** Builds the test binary unless one of the same sources is there. */
async function testBinary(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    if (name.endsWith('.go') || name === 'go.mod' || name === 'go.sum') hash.update(await readFile(join(folder, name)));
  }
  await mkdir(cache, { recursive: true });
  const binary = join(cache, `functional-${hash.digest('hex').slice(0, 12)}.test`);
  if (!existsSync(binary)) {
    process.stdout.write('building the test binary (some minutes the first time)\n');
    await run('go', ['test', '-p', '1', '-c', '-o', binary, '.'], { cwd: folder, maxBuffer: 1 << 26 });
  }
  return binary;
}

async function missingTools(): Promise<string[]> {
  const missing: string[] = [];
  for (const [command, argument] of [
    ['go', 'version'],
    ['python3', '--version'],
  ] as const) {
    await run(command, [argument]).catch(() => missing.push(command));
  }
  return missing;
}

interface Target {
  readonly address: string;
  readonly httpAddress: string;
  stop(): Promise<void>;
}

async function openTarget(group: Group, work: string): Promise<Target> {
  if (options.target) {
    const [host, port] = options.target.split(':');
    return {
      address: options.target,
      httpAddress: options['target-http'] ?? `${host}:${Number(port) + 10}`,
      stop: async () => undefined,
    };
  }
  const httpPort = await freePort();
  const httpAddress = `127.0.0.1:${httpPort}`;
  const dynamicConfigFile = join(work, 'dynamicconfig.yaml');
  const template = await readFile(join(folder, 'dynamicconfig', `${group}.yaml`), 'utf8');
  await writeFile(dynamicConfigFile, template.replaceAll('@HTTP@', httpAddress));
  const postgres = options.store === 'postgres' ? await startPostgres() : undefined;
  const server = await OstinatoServer.start({
    databaseUrl: postgres?.url,
    httpPort,
    extraArguments: ['--shards', String(HISTORY_SHARDS), '--dynamic-config-file', dynamicConfigFile],
  });
  return {
    address: server.address,
    httpAddress,
    async stop() {
      await writeFile(join(cache, `server-${group}.txt`), server.log);
      await server.stop();
      await postgres?.stop();
    },
  };
}

async function runGroup(group: Group, binary: string): Promise<Result[]> {
  const { chosen, later } = await testsOf(group);
  if (chosen.length === 0) {
    if (!options.only) process.stdout.write(`${group}: nothing to run\n`);
    return [];
  }
  const work = await mkdtemp(join(tmpdir(), 'ostinato-conformance-'));
  try {
    const began = performance.now();
    const target = await openTarget(group, work);
    let results: readonly Result[];
    try {
      results = await runTests(binary, chosen, work, target);
      await keep(work, group);
      for (let retry = 0; retry < Number(options.retries) && results.some(isFailure); retry++) {
        results = await runAgain(binary, results, join(work, `retry-${retry}`), target);
      }
    } finally {
      await target.stop();
    }
    report(group, results, later.length, (performance.now() - began) / 1000);
    return [...results];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runTests(
  binary: string,
  tests: readonly string[],
  work: string,
  target: Target,
): Promise<readonly Result[]> {
  const list = join(work, 'list.txt');
  await writeFile(list, tests.join('\n'));
  await drive(binary, list, work, target);
  return (await readLines(join(work, 'results.tsv'))).map((line) => {
    const [test = '', outcome = '', seconds = '', reason = ''] = line.split('\t');
    return { test, outcome, seconds, reason };
  });
}

/** The failed ones once more, on the same server; says which. */
async function runAgain(
  binary: string,
  results: readonly Result[],
  work: string,
  target: Target,
): Promise<readonly Result[]> {
  await mkdir(work);
  const failed = results.filter(isFailure);
  for (const { test, reason } of failed) process.stdout.write(`  again: ${test} ${reason}\n`);
  const again = await runTests(
    binary,
    failed.map(({ test }) => test),
    work,
    target,
  );
  return results.map((result) => again.find(({ test }) => test === result.test) ?? result);
}

async function drive(binary: string, list: string, work: string, target: Target): Promise<void> {
  const child = spawn(
    'python3',
    [
      join(folder, 'drive.py'),
      ...['--bin', binary, '--cwd', work, '--config', join(folder, 'testdata', 'cluster.yaml')],
      ...['--addr', target.address, '--http', target.httpAddress, '--out', work],
      ...['--shards', options.processes, '--limit', options.limit, '--list', list],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, HISTORY_SHARDS: String(HISTORY_SHARDS) } },
  );
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

async function keep(work: string, group: Group): Promise<void> {
  await copyFile(join(work, 'results.tsv'), join(cache, `results-${group}.tsv`));
  const logs = (await readdir(work)).filter((name) => name.startsWith('shard') && name.endsWith('.log')).sort();
  const texts = await Promise.all(logs.map((name) => readFile(join(work, name), 'utf8')));
  await writeFile(join(cache, `log-${group}.txt`), texts.join('\n'));
}

function report(group: Group, results: readonly Result[], later: number, seconds: number): void {
  const passed = results.filter((result) => result.outcome === 'PASS').length;
  const skipped = results.filter((result) => result.outcome === 'SKIP').length;
  const failed = results.filter(isFailure);
  const notes = [skipped > 0 ? `${skipped} skipped themselves` : '', later > 0 ? `${later} wait for later work` : ''];
  const note = notes.filter(Boolean).join(', ');
  process.stdout.write(
    `${group}: ${passed} passed, ${failed.length} failed in ${seconds.toFixed(0)} s${note ? ` (${note})` : ''}\n`,
  );
  for (const result of failed) {
    process.stdout.write(`  ${result.outcome} ${result.test} (${result.seconds} s) ${result.reason}\n`);
  }
}

const isFailure = (result: Result) => result.outcome !== 'PASS' && result.outcome !== 'SKIP';

const missing = await missingTools();
if (missing.length > 0) {
  process.stdout.write(
    `SKIPPED: Temporal's functional suites were not run, because ${missing.join(' and ')} is missing\n`,
  );
} else {
  const wanted = GROUPS.filter((group) => !options.group || options.group.includes(group));
  const binary = await testBinary();
  const results: Result[] = [];
  for (const group of wanted) results.push(...(await runGroup(group, binary)));
  process.exitCode = results.some(isFailure) ? 1 : 0;
}
