// Ostinato itself, from this checkout or, for a before and after in one run, from another one, or as an executable.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { type StartedPeer, spawnServer, temporaryFolder } from './peer.ts';
import type { SharedPostgres } from './postgres.ts';

/** Temporal's rate limits, which every server of a comparison has raised out of the way. */
const NO_RATE_LIMITS = [
  'frontend.rps=10000000',
  'frontend.namespaceRPS=10000000',
  'frontend.globalNamespaceRPS=0',
  'frontend.namespaceCount=1000000',
  'frontend.namespaceBurstRatio=1',
  'history.rps=10000000',
  'matching.rps=10000000',
].flatMap((value) => ['--dynamic-config-value', value]);

export interface OstinatoOptions {
  readonly name: string;
  /** Where it keeps its data: a new database there, or a file of its own. */
  readonly postgres: SharedPostgres | undefined;
  /** A data file that stays, instead of one that is gone after the run. */
  readonly dataFile?: string;
  /** Another checkout, with its dependencies in place, or an executable. */
  readonly checkout?: string | undefined;
  /** Further flags of `start-dev`. */
  readonly flags?: readonly string[];
  /** Flags of Node: `--cpu-prof` and the like. */
  readonly nodeFlags?: readonly string[];
}

export async function startOstinato(options: OstinatoOptions): Promise<StartedPeer> {
  const { name, flags = [], nodeFlags = [] } = options;
  const folder = temporaryFolder(name);
  const [port = 0, metricsPort = 0] = await freePorts(2);
  const databaseUrl = await options.postgres?.createDatabase();
  const place =
    databaseUrl === undefined
      ? ['--db-filename', options.dataFile ?? join(folder.path, 'data.db')]
      : ['--database-url', databaseUrl];
  const ports = ['--port', String(port), '--metrics-port', String(metricsPort)];
  const args = ['start-dev', '--headless', ...ports, ...place, ...NO_RATE_LIMITS, ...flags];
  const [program, before] = programOf(options.checkout, nodeFlags);
  const server = await spawnServer(program, [...before, ...args], { port });
  return {
    name,
    address: `127.0.0.1:${port}`,
    pid: server.pid,
    databaseUrl,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
}

/** What is started, and its first arguments. */
function programOf(checkout: string | undefined, nodeFlags: readonly string[]): [string, readonly string[]] {
  if (checkout !== undefined && statSync(checkout).isFile()) return [checkout, []];
  const source = join(checkout ?? join(import.meta.dirname, '../..'), 'src');
  // Earlier checkouts begin in TypeScript. In the executable there are no sources: it starts itself.
  const main = ['main.js', 'main.ts'].map((file) => join(source, file)).find((path) => existsSync(path));
  return [process.execPath, main === undefined ? [] : [...nodeFlags, main]];
}
