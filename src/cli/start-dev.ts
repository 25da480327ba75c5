// `ostinato start-dev`: everything in one process, with the flags that `temporal server start-dev` users know.

import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { ConfiguredValues } from '../config/configured-values.ts';
import type { LogFormat } from '../metrics/log-output.ts';
import type { LogLevel } from '../metrics/thread-logger.ts';
import type { StoreDescription } from '../persistence/index.ts';
import type { TransportName } from '../rpc/index.ts';
import { createEphemeralData, EPHEMERAL_PRAGMAS } from './ephemeral-data.ts';
import { FatalError } from './fatal.ts';
import {
  countFrom1,
  dynamicConfigFile,
  dynamicConfigValue,
  listOf,
  logFormat,
  logLevel,
  portNumber,
  publicPath,
  type SearchAttributeFlag,
  searchAttribute,
  sqlitePragma,
} from './flag-values.ts';
import type { ServerOptions, WebUiServerOptions } from './server/server-options.ts';
import { webUiAssets } from './web-ui-assets.ts';

/** Temporal's port. */
const DEFAULT_PORT = 7233;

/** From the gRPC port to the Web UI's, as Temporal counts. */
const UI_PORT_OFFSET = 1000;
const MAX_PORT = 65_535;

/** Of a new data set. A development server's load fits one thread; four let it spread over the cores later. */
const DEFAULT_SHARDS = 4;

/** Connections per thread that uses the database; each pipelines, so few are enough. */
const DATABASE_CONNECTIONS = 2;

const DEFAULT_NAMESPACE = 'default';

/** Cluster name and failover numbers of `temporal server start-dev`. */
const CLUSTER = { name: 'active', initialFailoverVersion: 1, failoverVersionIncrement: 10 } as const;

interface StartDevFlags {
  readonly dbFilename?: string;
  readonly databaseUrl?: string;
  readonly namespace: readonly string[];
  readonly port: number;
  readonly httpPort?: number;
  readonly metricsPort?: number;
  readonly ip: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly dynamicConfigValue: ConfiguredValues;
  readonly dynamicConfigFile?: string;
  readonly searchAttribute: readonly SearchAttributeFlag[];
  readonly sqlitePragma: Readonly<Record<string, string>>;
  readonly headless?: boolean;
  readonly uiPort?: number;
  readonly uiIp?: string;
  readonly uiAssetPath?: string;
  readonly uiPublicPath: string;
  readonly uiCodecEndpoint: string;
  readonly uiDisableNewsFetch?: boolean;
  readonly historyThreads?: number;
  readonly shards: number;
  readonly transport: TransportName;
}

export function startDevCommand(): Command {
  return new Command('start-dev')
    .description('Run a development server: all services and the store in this process')
    .option('-f, --db-filename <path>', 'keep data in this file and its siblings (default: gone at exit)')
    .addOption(new Option('--database-url <url>', 'keep data in this PostgreSQL database').conflicts('dbFilename'))
    .option('-n, --namespace <name>', 'register this namespace too; repeatable', listOf, [])
    .option('-p, --port <port>', 'gRPC port', portNumber, DEFAULT_PORT)
    .option('--http-port <port>', 'port of the HTTP API (default: not served)', portNumber)
    .option('--metrics-port <port>', 'port of /metrics for Prometheus (default: not served)', portNumber)
    .option('--ip <address>', 'address to listen on', '127.0.0.1')
    .option('--log-level <level>', 'debug, info, warn, error or never', logLevel, 'warn')
    .option('--log-format <format>', 'text or json', logFormat, 'pretty')
    .option(
      '--dynamic-config-value <KEY=JSON>',
      'set a dynamic configuration value; repeatable',
      dynamicConfigValue,
      {},
    )
    .addOption(dynamicConfigFile())
    .option('--search-attribute <NAME=TYPE>', 'register a search attribute; repeatable', searchAttribute, [])
    .option('--sqlite-pragma <PRAGMA=VALUE>', 'set a pragma of the embedded store; repeatable', sqlitePragma, {})
    .option('--headless', 'do not serve the Web UI')
    .option('--ui-port <port>', 'port of the Web UI (default: the gRPC port + 1000)', portNumber)
    .option('--ui-ip <address>', 'address on which the Web UI listens (default: that of --ip)')
    .option('--ui-asset-path <folder>', "serve the Web UI's files from this folder")
    .option('--ui-public-path <path>', 'path under which a proxy shows the Web UI', publicPath, '')
    .option('--ui-codec-endpoint <url>', 'codec server that the Web UI asks to decode payloads', '')
    .option('--ui-disable-news-fetch', 'the Web UI asks for no news')
    .option('--history-threads <count>', 'threads that run workflows (default: half the cores)', countFrom1)
    .option('--shards <count>', 'shards of a new data set', countFrom1, DEFAULT_SHARDS)
    .addOption(new Option('--transport <name>', 'gRPC transport').choices(['ostinato', 'node']).default('ostinato'))
    .action(startDev);
}

async function startDev(flags: StartDevFlags): Promise<void> {
  const { store, describe, remove } = chooseStore(flags);
  const { ip: host, port: grpcPort, httpPort, metricsPort, transport } = flags;
  const options: ServerOptions = {
    store,
    upgradeSchema: true,
    historyThreads: flags.historyThreads,
    shardCount: flags.shards,
    transport,
    host,
    grpcPort,
    tls: undefined, // as Temporal's: only `start` has certificates
    http: httpPort === undefined ? undefined : { host, port: httpPort },
    webUi: flags.headless ? undefined : webUi(flags),
    metrics: metricsPort === undefined ? undefined : { host, port: metricsPort },
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
    dynamicConfig: {
      file: flags.dynamicConfigFile,
      pollIntervalMs: undefined,
      overrides: flags.dynamicConfigValue,
    },
    cluster: {
      ...CLUSTER,
      isGlobalNamespaceEnabled: false,
      isMaster: true,
      rpcAddress: `${host}:${grpcPort}`,
      httpAddress: httpPort === undefined ? '' : `${host}:${httpPort}`,
    },
    namespaces: [...new Set([DEFAULT_NAMESPACE, ...flags.namespace])],
    searchAttributes: flags.searchAttribute,
  };
  // Loaded now: a wrong flag needs none of it.
  const { runServer } = await import('./run-server.ts');
  try {
    await runServer(options, describe);
  } finally {
    remove();
  }
}

function webUi(flags: StartDevFlags): WebUiServerOptions {
  // Any free gRPC port goes with any free port.
  const defaultPort = flags.port === 0 ? 0 : Math.min(flags.port + UI_PORT_OFFSET, MAX_PORT);
  return {
    host: flags.uiIp ?? flags.ip,
    port: flags.uiPort ?? defaultPort,
    ...webUiAssets(flags.uiAssetPath),
    publicPath: flags.uiPublicPath,
    defaultNamespace: DEFAULT_NAMESPACE,
    codecEndpoint: flags.uiCodecEndpoint,
    disableNewsFetch: flags.uiDisableNewsFetch ?? false,
  };
}

function chooseStore(flags: StartDevFlags): { store: StoreDescription; describe: string; remove(): void } {
  const { databaseUrl, dbFilename, sqlitePragma: pragmas } = flags;
  if (databaseUrl !== undefined) {
    return {
      store: { kind: 'postgres', url: databaseUrl, maxConnections: DATABASE_CONNECTIONS },
      describe: withoutPassword(databaseUrl),
      remove() {},
    };
  }
  if (dbFilename !== undefined) {
    const path = resolve(dbFilename);
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    return { store: { kind: 'sqlite', path, pragmas }, describe: path, remove() {} };
  }
  const data = createEphemeralData();
  process.once('exit', data.remove);
  return {
    store: { kind: 'sqlite', path: data.path, pragmas: { ...EPHEMERAL_PRAGMAS, ...pragmas } },
    describe: 'gone at exit (--db-filename keeps it)',
    remove: data.remove,
  };
}

function withoutPassword(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new FatalError('--database-url is no URL');
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new FatalError('--database-url must begin with postgres://');
  }
  if (url.password !== '') url.password = '***';
  return url.toString();
}
