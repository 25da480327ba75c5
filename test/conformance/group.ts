// Runs the tests of one group against a server that was started for it, or against one that somebody else runs.

import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../native-free-bench/peers/free-ports.ts';
import { startPostgres } from '../end-to-end/harness/postgres.ts';
import { OstinatoServer } from '../end-to-end/harness/server.ts';
import { CACHE_FOLDER } from './binary.ts';
import { type Group, readLines } from './lists.ts';

/** Some tests compute a shard id for AdminService; the suites were run against Temporal with this number. */
const HISTORY_SHARDS = 4;

/** `NOTRUN`: the time was over before it was through. The others are told by drive.py. */
export interface Result {
  readonly test: string;
  readonly outcome: string;
  readonly seconds: string;
  readonly reason: string;
}

export interface RunOptions {
  readonly binary: string;
  readonly store: string;
  /** Test processes at a time. */
  readonly processes: number;
  /** For one test. */
  readonly limitSeconds: number;
  /** Runs of what failed, on the same server. */
  readonly retries: number;
  /** As performance.now() counts; Infinity for none. */
  readonly deadlineMs: number;
  /** A running server instead of a fresh Ostinato. */
  readonly target?: { readonly address: string; readonly httpAddress: string } | undefined;
  readonly say: (line: string) => void;
}

export async function runGroup(group: Group, tests: readonly string[], options: RunOptions): Promise<Result[]> {
  const work = await mkdtemp(join(tmpdir(), 'ostinato-conformance-'));
  try {
    const target = await openTarget(group, work, options);
    try {
      let results = await runTests(tests, work, target, options);
      await keep(work, group);
      for (let retry = 0; retry < options.retries && results.some(isFailure); retry++) {
        results = await runAgain(results, join(work, `retry-${retry}`), target, options);
      }
      return results;
    } finally {
      await target.stop();
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export const isFailure = ({ outcome }: Result) => outcome !== 'PASS' && outcome !== 'SKIP' && outcome !== 'NOTRUN';

interface Target {
  readonly address: string;
  readonly httpAddress: string;
  stop(): Promise<void>;
}

async function openTarget(group: Group, work: string, options: RunOptions): Promise<Target> {
  if (options.target) return { ...options.target, stop: async () => undefined };
  const httpPort = await freePort();
  const httpAddress = `127.0.0.1:${httpPort}`;
  const dynamicConfigFile = join(work, 'dynamicconfig.yaml');
  const template = await readFile(join(import.meta.dirname, 'dynamicconfig', `${group}.yaml`), 'utf8');
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
      await writeFile(join(CACHE_FOLDER, `server-${group}.txt`), server.log);
      await server.stop();
      await postgres?.stop();
    },
  };
}

async function runTests(
  tests: readonly string[],
  work: string,
  target: Target,
  options: RunOptions,
): Promise<Result[]> {
  const list = join(work, 'list.txt');
  await writeFile(list, tests.join('\n'));
  await drive(list, work, target, options);
  return (await readLines(join(work, 'results.tsv'))).map((line) => {
    const [test = '', outcome = '', seconds = '', reason = ''] = line.split('\t');
    return { test, outcome, seconds, reason };
  });
}

/** The failed ones once more; says which. A result that was not reached the second time stays as it was. */
async function runAgain(
  results: readonly Result[],
  work: string,
  target: Target,
  options: RunOptions,
): Promise<Result[]> {
  await mkdir(work);
  const failed = results.filter(isFailure);
  for (const { test, reason } of failed) options.say(`again: ${test} ${reason}`);
  const names = failed.map(({ test }) => test);
  const again = (await runTests(names, work, target, options)).filter(({ outcome }) => outcome !== 'NOTRUN');
  return results.map((result) => again.find(({ test }) => test === result.test) ?? result);
}

async function drive(list: string, work: string, target: Target, options: RunOptions): Promise<void> {
  const budgetSeconds = Math.max(0, (options.deadlineMs - performance.now()) / 1000);
  const child = spawn(
    'python3',
    [
      join(import.meta.dirname, 'drive.py'),
      ...['--bin', options.binary, '--cwd', work, '--config', join(import.meta.dirname, 'testdata', 'cluster.yaml')],
      ...['--addr', target.address, '--http', target.httpAddress, '--out', work, '--list', list],
      ...['--shards', String(options.processes), '--limit', String(options.limitSeconds)],
      ...(Number.isFinite(budgetSeconds) ? ['--budget', String(budgetSeconds)] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, HISTORY_SHARDS: String(HISTORY_SHARDS) } },
  );
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

async function keep(work: string, group: Group): Promise<void> {
  await copyFile(join(work, 'results.tsv'), join(CACHE_FOLDER, `results-${group}.tsv`));
  const logs = (await readdir(work)).filter((name) => name.startsWith('shard') && name.endsWith('.log')).sort();
  const texts = await Promise.all(logs.map((name) => readFile(join(work, name), 'utf8')));
  await writeFile(join(CACHE_FOLDER, `log-${group}.txt`), texts.join('\n'));
}
