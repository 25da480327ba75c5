// A real Temporal Server for the differential suite, built from the Go module proxy once and kept under node_modules/.cache.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../native-free-bench/peers/free-ports.ts';
import { TEMPORAL_ONLY } from '../end-to-end/harness/dynamic-config.ts';
import { repositoryRoot, waitForFrontend } from '../end-to-end/harness/server.ts';
import { SETTINGS } from './settings.ts';

const VERSION = 'v1.31.2';
const PACKAGE = 'go.temporal.io/server/cmd/server';
const START_DEADLINE_MS = 60_000;
/** Many programs at a time meet limits that are none of the engine's: throttled, Temporal answers polls empty. */
const UNLIMITED = Object.fromEntries(
  ['frontend', 'history', 'matching', 'worker'].flatMap((service) => [
    [`${service}.persistenceMaxQPS`, 1_000_000],
    [`${service}.rps`, 1_000_000],
  ]),
);

export interface TemporalServer {
  readonly address: string;
  stop(): Promise<void>;
}

export async function startTemporal(): Promise<TemporalServer> {
  const binary = await temporalBinary();
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-temporal-'));
  const address = await writeConfiguration(folder);
  const child = spawn(
    binary,
    ['--root', folder, '--config', 'config', '--env', 'development', '--allow-no-auth', 'start'],
    { cwd: folder, stdio: 'ignore' },
  );
  await waitForFrontend(address, Date.now() + START_DEADLINE_MS);
  return {
    address,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function temporalBinary(): Promise<string> {
  const folder = join(repositoryRoot, 'node_modules', '.cache', 'ostinato-differential');
  const binary = join(folder, `temporal-server-${VERSION}`);
  if (existsSync(binary)) return binary;
  process.stdout.write('building a Temporal Server (some minutes the first time)\n');
  await mkdir(folder, { recursive: true });
  const go = (...words: string[]) => promisify(execFile)('go', words, { cwd: folder, maxBuffer: 1 << 26 });
  if (!existsSync(join(folder, 'go.mod'))) await go('mod', 'init', 'peer');
  await go('get', `${PACKAGE}@${VERSION}`);
  await go('build', '-p', '2', '-o', binary, PACKAGE);
  return binary;
}

/** In memory, four shards, every service on a free port. Returns the frontend's address. */
async function writeConfiguration(root: string): Promise<string> {
  const ports = await Promise.all(Array.from({ length: 9 }, freePort));
  const service = (index: number, more = '') =>
    `{rpc: {grpcPort: ${ports[index]}, membershipPort: ${ports[index + 4]}, bindOnLocalHost: true${more}}}`;
  const store = (name: string) =>
    `    ${name}: {sql: {pluginName: sqlite, databaseName: default, connectAddr: localhost, connectProtocol: tcp, ` +
    'connectAttributes: {mode: memory, cache: private}, maxConns: 1, maxIdleConns: 1, maxConnLifetime: 1h}}\n';
  await mkdir(join(root, 'config'));
  await writeFile(
    join(root, 'config', 'development.yaml'),
    `log: {stdout: true, level: error}
persistence:
  defaultStore: data
  visibilityStore: visibility
  numHistoryShards: 4
  datastores:
${store('data')}${store('visibility')}global: {membership: {maxJoinDuration: 30s, broadcastAddress: 127.0.0.1}}
services:
  frontend: ${service(0, `, httpPort: ${ports[8]}`)}
  matching: ${service(1)}
  history: ${service(2)}
  worker: ${service(3)}
clusterMetadata:
  enableGlobalNamespace: false
  failoverVersionIncrement: 10
  masterClusterName: active
  currentClusterName: active
  clusterInformation:
    active: {enabled: true, initialFailoverVersion: 1, rpcName: frontend, rpcAddress: '127.0.0.1:${ports[0]}'}
dcRedirectionPolicy: {policy: noop}
dynamicConfigClient: {filepath: config/dynamicconfig.yaml, pollInterval: 10s}
`,
  );
  const settings = Object.entries({ ...SETTINGS, ...TEMPORAL_ONLY, ...UNLIMITED });
  const lines = settings.map(([key, value]) => `${key}: [{value: ${JSON.stringify(value)}}]\n`);
  await writeFile(join(root, 'config', 'dynamicconfig.yaml'), lines.join(''));
  return `127.0.0.1:${ports[0]}`;
}
