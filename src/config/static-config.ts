// Temporal's static configuration (common/config/config.go, v1.31) as this server understands it. What it cannot do is refused
// by key; what means nothing here is passed over; what nobody knows is listed. Main loop, at start.

import { ConfigSection } from './config-section.ts';
import { readTls, type StaticTls } from './static-tls.ts';

const PORT = { min: 0, max: 65_535 };
const COUNT = { min: 1, max: 1_000_000 };

export interface StaticConfig {
  readonly log: { readonly level: string; readonly format: string };
  readonly shardCount: number;
  readonly store: StaticStore;
  readonly frontend: { readonly host: string; readonly grpcPort: number; readonly httpPort: number | undefined };
  /** Of all the frontend's listeners; undefined: plain text. */
  readonly tls: StaticTls | undefined;
  readonly metricsAddress: { readonly host: string; readonly port: number } | undefined;
  readonly cluster: {
    readonly name: string;
    readonly isMaster: boolean;
    readonly isGlobalNamespaceEnabled: boolean;
    readonly initialFailoverVersion: number;
    readonly failoverVersionIncrement: number;
    readonly rpcAddress: string;
    readonly httpAddress: string;
  };
  readonly dynamicConfig: { readonly file: string | undefined; readonly pollIntervalMs: number | undefined };
  /** Things that are configured and do not take effect, one line each. */
  readonly notices: readonly string[];
}

export type StaticStore =
  /** `path` undefined: gone at exit. */
  | { readonly kind: 'sqlite'; readonly path: string | undefined; readonly pragmas: Readonly<Record<string, string>> }
  | { readonly kind: 'postgres'; readonly url: string; readonly maxConnections: number | undefined };

/** Throws ConfigError that names the key. */
export function readStaticConfig(values: Readonly<Record<string, unknown>>): StaticConfig {
  const root = new ConfigSection(values);
  const notices: string[] = [];
  const log = readLog(root.section('log'));
  const persistence = root.section('persistence');
  const store = readStore(persistence, notices);
  const shardCount = persistence.integer('numHistoryShards', COUNT);
  if (shardCount === undefined) throw persistence.error('numHistoryShards', 'is required');
  const frontend = readFrontend(root.section('services'));
  const tls = readTls(root.section('global').section('tls'), notices);
  const metricsAddress = readGlobal(root.section('global'), notices);
  const cluster = readCluster(root.section('clusterMetadata'), frontend);
  readPolicies(root, notices);
  const client = root.section('dynamicConfigClient');
  const dynamicConfig = { file: client.string('filepath'), pollIntervalMs: client.durationMs('pollInterval') };
  root.ignore('publicClient', 'dcRedirectionPolicy', 'otel', 'exporters');
  for (const key of root.unusedKeys()) notices.push(`${key}: unknown key, nothing reads it`);
  return { log, shardCount, store, frontend, tls, metricsAddress, cluster, dynamicConfig, notices };
}

function readLog(log: ConfigSection): StaticConfig['log'] {
  log.ignore('stdout', 'outputFile', 'development');
  return { level: log.string('level') || 'info', format: log.string('format') || 'json' };
}

function readStore(persistence: ConfigSection, notices: string[]): StaticStore {
  const name = persistence.requiredString('defaultStore');
  const visibility = persistence.string('visibilityStore');
  const datastores = persistence.section('datastores');
  if (!datastores.has(name)) throw persistence.error('defaultStore', `names ${name}, which is not in datastores`);
  const datastore = datastores.section(name);
  for (const kind of ['cassandra', 'customDatastore', 'elasticsearch']) {
    if (datastore.has(kind)) throw datastore.error(kind, 'is not supported: use sql with sqlite or postgres12');
  }
  if (!datastore.has('sql')) throw datastore.error('sql', 'is required');
  const store = readSql(datastore.section('sql'));
  if (visibility !== undefined && visibility !== name) {
    datastores.ignore(visibility);
    notices.push(`persistence.visibilityStore: visibility is kept beside the default store, ${visibility} is not used`);
  }
  persistence.ignore('advancedVisibilityStore', 'secondaryVisibilityStore', 'transactionSizeLimit', 'dataEncryption');
  for (const other of datastores.keys) if (other !== name) datastores.ignore(other);
  return store;
}

function readSql(sql: ConfigSection): StaticStore {
  const plugin = sql.requiredString('pluginName');
  sql.ignore('maxIdleConns', 'maxConnLifetime', 'connectProtocol', 'taskScanPartitions');
  const attributes = sql.section('connectAttributes');
  if (plugin === 'sqlite') {
    sql.ignore('connectAddr', 'user', 'password', 'maxConns', 'tls');
    const isMemory = attributes.string('mode') === 'memory';
    attributes.ignore('cache', 'setup');
    const pragmas: Record<string, string> = {};
    for (const key of attributes.keys) {
      if (['mode', 'cache', 'setup'].includes(key)) continue;
      pragmas[key.replace(/^_/, '')] = attributes.requiredString(key);
    }
    return { kind: 'sqlite', path: isMemory ? undefined : sql.requiredString('databaseName'), pragmas };
  }
  if (!['postgres', 'postgres12', 'postgres12_pgx'].includes(plugin)) {
    throw sql.error('pluginName', `must be sqlite or postgres12, not ${plugin}`);
  }
  return { kind: 'postgres', url: postgresUrl(sql, attributes), maxConnections: sql.integer('maxConns', COUNT) };
}

function postgresUrl(sql: ConfigSection, attributes: ConfigSection): string {
  const address = sql.requiredString('connectAddr');
  let url: URL;
  try {
    url = new URL(`postgres://${address}/`);
  } catch {
    throw sql.error('connectAddr', `must be host:port, not ${address}`);
  }
  url.username = encodeURIComponent(sql.string('user') ?? '');
  url.password = encodeURIComponent(sql.string('password') ?? '');
  url.pathname = `/${encodeURIComponent(sql.requiredString('databaseName'))}`;
  const tls = sql.section('tls');
  tls.ignore('serverName', 'caData', 'certData', 'keyData');
  for (const key of ['caFile', 'certFile', 'keyFile']) {
    if (tls.string(key)) throw tls.error(key, 'is not supported yet: use a certificate the system trusts');
  }
  if (tls.boolean('enabled')) {
    url.searchParams.set('sslmode', tls.boolean('enableHostVerification') ? 'verify-full' : 'require');
  } else {
    tls.ignore('enableHostVerification');
  }
  for (const key of attributes.keys) url.searchParams.set(key, attributes.requiredString(key));
  return url.toString();
}

function readFrontend(services: ConfigSection): StaticConfig['frontend'] {
  services.ignore('history', 'matching', 'worker', 'internal-frontend');
  const rpc = services.section('frontend').section('rpc');
  rpc.ignore('membershipPort');
  const grpcPort = rpc.integer('grpcPort', PORT);
  if (grpcPort === undefined) throw rpc.error('grpcPort', 'is required');
  const isLocal = rpc.boolean('bindOnLocalHost') ?? false;
  const ip = rpc.string('bindOnIP');
  if (isLocal && ip) throw rpc.error('bindOnIP', 'and bindOnLocalHost are mutually exclusive');
  return { host: isLocal ? '127.0.0.1' : ip || '0.0.0.0', grpcPort, httpPort: rpc.integer('httpPort', PORT) };
}

function readGlobal(global: ConfigSection, notices: string[]): StaticConfig['metricsAddress'] {
  global.ignore('membership', 'pprof');
  if (global.section('authorization').keys.length > 0) throw global.error('authorization', 'is not supported yet');
  const metrics = global.section('metrics');
  metrics.ignore('tags', 'excludeTags', 'prefix', 'perUnitHistogramBoundaries', 'withoutUnitSuffix');
  if (metrics.has('statsd')) notices.push('global.metrics.statsd: not supported, use prometheus');
  metrics.ignore('statsd');
  const prometheus = metrics.section('prometheus');
  prometheus.ignore('framework', 'timerType', 'handlerPath', 'loggerRPS', 'defaultHistogramBoundaries');
  const address = prometheus.string('listenAddress');
  if (!address) return undefined;
  const match = /^(.*):(\d+)$/.exec(address);
  if (match === null) throw prometheus.error('listenAddress', `must be host:port, not ${address}`);
  return { host: match[1] === '' ? '0.0.0.0' : match[1]!, port: Number(match[2]) };
}

function readCluster(metadata: ConfigSection, frontend: StaticConfig['frontend']): StaticConfig['cluster'] {
  const name = metadata.string('currentClusterName') || 'active';
  const master = metadata.string('masterClusterName') || name;
  const clusters = metadata.section('clusterInformation');
  if (clusters.keys.length > 0 && !clusters.has(name)) {
    throw metadata.error('currentClusterName', `names ${name}, which is not in clusterInformation`);
  }
  const others = clusters.keys.filter((key) => key !== name);
  if (others.length > 0) throw clusters.error(others[0]!, 'is another cluster: replication is not supported yet');
  const info = clusters.section(name);
  info.ignore('enabled', 'rpcName', 'clusterID');
  const failoverVersion = { min: 0, max: Number.MAX_SAFE_INTEGER };
  return {
    name,
    isMaster: master === name,
    isGlobalNamespaceEnabled: metadata.boolean('enableGlobalNamespace') ?? false,
    initialFailoverVersion: info.integer('initialFailoverVersion', failoverVersion) ?? 1,
    failoverVersionIncrement: metadata.integer('failoverVersionIncrement', COUNT) ?? 10,
    rpcAddress: info.string('rpcAddress') ?? `localhost:${frontend.grpcPort}`,
    httpAddress:
      info.string('httpAddress') ?? (frontend.httpPort === undefined ? '' : `localhost:${frontend.httpPort}`),
  };
}

function readPolicies(root: ConfigSection, notices: string[]): void {
  const archival = root.section('archival');
  for (const kind of ['history', 'visibility']) {
    const section = archival.section(kind);
    section.ignore('enableRead', 'provider');
    if (section.string('state') === 'enabled') notices.push(`archival.${kind}.state: archival is not supported yet`);
  }
  root.ignore('namespaceDefaults');
}
