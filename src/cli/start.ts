// `ostinato start`: a server from static YAML configuration, in Temporal's structure and with the flags and variables of
// temporal-server.

import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfigFiles } from '../config/config-files.ts';
import { readStaticConfig, type StaticConfig, type StaticStore } from '../config/static-config.ts';
import type { StoreDescription } from '../persistence/index.ts';
import type { TransportName } from '../rpc/index.ts';
import { createEphemeralData, EPHEMERAL_PRAGMAS } from './ephemeral-data.ts';
import { FatalError } from './fatal.ts';
import { countFrom1, dynamicConfigFile, logFormat, logLevel } from './flag-values.ts';
import type { ServerOptions } from './server/server-options.ts';

/** All that there are (temporal.DefaultServices, v1.31). */
const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;

/** Connections of one thread to PostgreSQL when the configuration does not say. */
const DEFAULT_CONNECTIONS = 4;

interface StartFlags {
  readonly config: string;
  readonly env: string;
  readonly zone?: string;
  readonly configFile?: string;
  readonly service: readonly string[];
  readonly historyThreads?: number;
  readonly transport: TransportName;
  readonly upgradeSchema?: boolean;
  readonly dynamicConfigFile?: string;
}

export function startCommand(): Command {
  return new Command('start')
    .description('Run a server from static YAML configuration')
    .addOption(
      new Option('-c, --config <folder>', 'folder of base.yaml and <env>.yaml')
        .default('config')
        .env('TEMPORAL_CONFIG_DIR'),
    )
    .addOption(new Option('-e, --env <name>', 'environment').default('development').env('TEMPORAL_ENVIRONMENT'))
    .addOption(new Option('--zone <name>', 'availability zone').env('TEMPORAL_AVAILABILITY_ZONE'))
    .addOption(
      new Option('--config-file <path>', 'one file instead of a folder').env('TEMPORAL_SERVER_CONFIG_FILE_PATH'),
    )
    .addOption(
      new Option('--service <name...>', 'services to start (SERVICES in the environment does the same)')
        .default(SERVICES, 'all')
        .env('TEMPORAL_SERVICES')
        .argParser(serviceNames),
    )
    .option('--history-threads <count>', 'threads that run workflows (default: half the cores)', countFrom1)
    .addOption(dynamicConfigFile())
    .option('--upgrade-schema', 'bring an older database schema up to date')
    .addOption(new Option('--transport <name>', 'gRPC transport').choices(['ostinato', 'node']).default('ostinato'))
    .action(start);
}

function serviceNames(text: string, previous: readonly string[] | undefined): readonly string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const unknown = names.filter((name) => !(SERVICES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no service ${unknown.join(', ')}.`);
  return previous === undefined || previous === SERVICES ? names : [...previous, ...names];
}

async function start(flags: StartFlags): Promise<void> {
  const services = process.env.SERVICES ? serviceNames(process.env.SERVICES, undefined) : flags.service;
  const missing = SERVICES.filter((service) => !services.includes(service));
  if (missing.length > 0) {
    throw new FatalError(`running without ${missing.join(', ')} is not supported yet: all services share one process`);
  }
  const { config: folder, env: environment, zone, configFile: file } = flags;
  const { values } = loadConfigFiles({ file, folder, environment, zone }, process.env);
  const config = readStaticConfig(values);
  const { store, describe, remove } = openStore(config.store);
  const { runServer } = await import('./run-server.ts');
  try {
    await runServer(serverOptions(flags, config, store), describe, config.notices);
  } finally {
    remove();
  }
}

function serverOptions(flags: StartFlags, config: StaticConfig, store: StoreDescription): ServerOptions {
  const { host, grpcPort, httpPort } = config.frontend;
  return {
    store,
    // An embedded store has no other way to its schema; a shared database is upgraded by its operator.
    upgradeSchema: flags.upgradeSchema ?? store.kind === 'sqlite',
    historyThreads: flags.historyThreads,
    shardCount: config.shardCount,
    transport: flags.transport,
    host,
    grpcPort,
    tls: config.tls,
    http: httpPort === undefined ? undefined : { host, port: httpPort },
    webUi: undefined, // as Temporal's: only `start-dev` has it
    metrics: config.metricsAddress,
    logLevel: parsed('log.level', config.log.level, logLevel),
    logFormat: parsed('log.format', config.log.format === 'console' ? 'text' : config.log.format, logFormat),
    dynamicConfig: {
      file: flags.dynamicConfigFile ?? config.dynamicConfig.file,
      pollIntervalMs: config.dynamicConfig.pollIntervalMs,
      overrides: {},
    },
    cluster: config.cluster,
    namespaces: [],
    searchAttributes: [],
  };
}

/** A flag's parser on a configured value: its complaint gets the key. */
function parsed<T>(key: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw new FatalError(`${key}: ${(error as Error).message}`);
  }
}

function openStore(store: StaticStore): { store: StoreDescription; describe: string; remove(): void } {
  if (store.kind === 'postgres') {
    const { url, maxConnections = DEFAULT_CONNECTIONS } = store;
    const { host, pathname } = new URL(url);
    return { store: { kind: 'postgres', url, maxConnections }, describe: `postgres://${host}${pathname}`, remove() {} };
  }
  if (store.path !== undefined) {
    const path = resolve(store.path);
    if (dirname(path) === path) throw new FatalError(`${path} is no file`);
    return { store: { kind: 'sqlite', path, pragmas: store.pragmas }, describe: path, remove() {} };
  }
  const data = createEphemeralData();
  process.once('exit', data.remove);
  return {
    store: { kind: 'sqlite', path: data.path, pragmas: { ...EPHEMERAL_PRAGMAS, ...store.pragmas } },
    describe: 'gone at exit',
    remove: data.remove,
  };
}
