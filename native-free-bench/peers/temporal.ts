// Temporal Server, all services in one process as `temporal server start-dev` runs them, with its rate limits out of the way:
// on a SQLite file as start-dev --db-filename opens it, on one with a write-ahead log, or on the run's PostgreSQL.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from './free-ports.ts';
import { type StartedPeer, spawnServer, temporaryFolder } from './peer.ts';
import type { SharedPostgres } from './postgres.ts';
import { temporalExecutable } from './temporal-build.ts';

/** As issue 6 measured it, and start-dev's own. */
const SHARDS = 4;

/** Defaults of 1.31 that would throttle a benchmark (common/dynamicconfig/constants.go), and the eager things of `start-dev`. */
const DYNAMIC_CONFIG: Readonly<Record<string, unknown>> = {
  'frontend.rps': 10_000_000,
  'frontend.namespaceRPS': 10_000_000,
  'frontend.namespaceCount': 1_000_000,
  'frontend.namespaceBurstRatio': 1,
  'frontend.persistenceMaxQPS': 10_000_000,
  'history.rps': 10_000_000,
  'history.persistenceMaxQPS': 10_000_000,
  'matching.rps': 10_000_000,
  'matching.persistenceMaxQPS': 10_000_000,
  'worker.persistenceMaxQPS': 10_000_000,
};

const DATABASE_CONNECTIONS = 20;

export interface TemporalOptions {
  readonly name: string;
  readonly postgres: SharedPostgres | undefined;
  /** Of SQLite. `start-dev` sets none, which is a rollback journal with full syncing (temporalio/cli internal/devserver). */
  readonly pragmas?: Readonly<Record<string, string>>;
}

export async function startTemporal(options: TemporalOptions): Promise<StartedPeer> {
  const { pragmas = {} } = options;
  const executable = temporalExecutable('server');
  const folder = temporaryFolder(options.name);
  const databaseUrl = await options.postgres?.createDatabase();
  const visibilityUrl = await options.postgres?.createDatabase();
  const stores =
    databaseUrl === undefined || visibilityUrl === undefined
      ? {
          main: sqlite(join(folder.path, 'temporal.db'), pragmas),
          visibility: sqlite(join(folder.path, 'temporal.db'), pragmas),
        }
      : {
          main: onPostgres(databaseUrl, 'temporal'),
          visibility: onPostgres(visibilityUrl, 'visibility'),
        };
  const ports = await freePorts(10);
  const config = join(folder.path, 'config');
  mkdirSync(config);
  writeFileSync(join(config, 'development.yaml'), stringify(serverConfig(stores, ports)));
  const values = Object.entries(DYNAMIC_CONFIG).map(([name, value]) => [name, [{ value }]]);
  writeFileSync(join(config, 'dynamicconfig.yaml'), stringify(Object.fromEntries(values)));
  const server = await spawnServer(
    executable,
    ['--root', folder.path, '--config', 'config', '--env', 'development', '--allow-no-auth', 'start'],
    { port: ports[0]!, cwd: folder.path },
  );
  return {
    name: options.name,
    address: `127.0.0.1:${ports[0]}`,
    pid: server.pid,
    databaseUrl,
    moreDatabases: visibilityUrl === undefined ? [] : [new URL(visibilityUrl).pathname.slice(1)],
    metricsUrl: `http://127.0.0.1:${ports[5]}/metrics`,
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
}

function serverConfig(stores: { main: object; visibility: object }, ports: readonly number[]): object {
  const [frontend, history, matching, worker, http, metrics, ...membership] = ports;
  const service = (grpcPort: number | undefined, index: number, more: object = {}) => ({
    rpc: { grpcPort, membershipPort: membership[index], bindOnLocalHost: true, ...more },
  });
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: SHARDS,
      datastores: { main: { sql: stores.main }, visibility: { sql: stores.visibility } },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      metrics: { prometheus: { listenAddress: `127.0.0.1:${metrics}` } },
    },
    services: {
      frontend: service(frontend, 0, { httpPort: http }),
      history: service(history, 1),
      matching: service(matching, 2),
      worker: service(worker, 3),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: 'config/dynamicconfig.yaml', pollInterval: '60s' },
  };
}

function sqlite(path: string, pragmas: Readonly<Record<string, string>>): object {
  return {
    pluginName: 'sqlite',
    databaseName: path,
    connectAddr: 'localhost',
    connectProtocol: 'tcp',
    connectAttributes: { mode: 'rwc', setup: 'true', ...pragmas },
    maxConns: 1,
    maxIdleConns: 1,
    maxConnLifetime: '1h',
  };
}

/** Creates the schema and says how to connect. */
function onPostgres(databaseUrl: string, schema: 'temporal' | 'visibility'): object {
  const url = new URL(databaseUrl);
  const databaseName = url.pathname.slice(1);
  const tool = temporalExecutable('sqlTool');
  const connect = [
    ...['--plugin', 'postgres12', '--endpoint', url.hostname, '--port', url.port],
    ...['--user', url.username, '--password', url.password, '--database', databaseName],
  ];
  for (const step of [
    ['setup-schema', '--version', '0.0'],
    ['update-schema', '--schema-name', `postgresql/v12/${schema}`],
  ]) {
    const { status, stdout, stderr } = spawnSync(tool, [...connect, ...step], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`temporal-sql-tool ${step.join(' ')} failed: ${(stdout + stderr).slice(-1000)}`);
  }
  return {
    pluginName: 'postgres12',
    databaseName,
    connectAddr: url.host,
    connectProtocol: 'tcp',
    user: url.username,
    password: url.password,
    maxConns: DATABASE_CONNECTIONS,
    maxIdleConns: DATABASE_CONNECTIONS,
    maxConnLifetime: '1h',
  };
}
