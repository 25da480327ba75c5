// `global.tls` of Temporal's static configuration (common/config RootTLS, v1.31): what the frontend's listeners present and whom
// they let in. All services share one process here, so there is no other connection to secure. Main loop, at start.

import type { ConfigSection } from './config-section.ts';

export interface StaticTls {
  readonly certificate: PemSource;
  readonly key: PemSource;
  /** Clients must present a certificate that one of these signed; undefined: clients are not asked for one. */
  readonly clientAuthorities: readonly PemSource[] | undefined;
  /** Files are read again at this interval; 0: never. */
  readonly refreshIntervalMs: number;
}

/** Where a PEM text comes from. `path` is the key in the configuration, for messages. */
export type PemSource =
  | { readonly path: string; readonly file: string }
  | { readonly path: string; readonly base64: string };

/** Undefined: the listeners are not encrypted. Throws ConfigError that names the key. */
export function readTls(tls: ConfigSection, notices: string[]): StaticTls | undefined {
  refuseOtherGroups(tls);
  const refreshIntervalMs = tls.durationMs('refreshInterval') ?? 0;
  if (refreshIntervalMs < 0) throw tls.error('refreshInterval', 'must not be negative');
  const frontend = tls.section('frontend');
  if (frontend.section('hostOverrides').keys.length > 0) {
    throw frontend.error('hostOverrides', 'is not supported yet: there is one certificate for all host names');
  }
  // What Temporal's system workers need to reach the frontend. Here they call it within the process: nothing is left unsafe.
  frontend.ignore('client');
  return readServer(frontend.section('server'), refreshIntervalMs, notices);
}

function readServer(server: ConfigSection, refreshIntervalMs: number, notices: string[]): StaticTls | undefined {
  const certificate = onePem(server, 'certFile', 'certData');
  const key = onePem(server, 'keyFile', 'keyData');
  const authorities = severalPems(server, 'clientCaFiles', 'clientCaData');
  const isClientRequired = server.boolean('requireClientAuth') ?? false;
  // Differs: Temporal takes a half section for none and listens in plain text. Whoever wrote it did not mean that.
  if (certificate !== undefined && key === undefined) throw server.error('keyFile', 'or keyData is required');
  if (certificate === undefined && key !== undefined) throw server.error('certFile', 'or certData is required');
  if (certificate === undefined || key === undefined) {
    if (isClientRequired) throw server.error('requireClientAuth', 'needs a certificate: certFile or certData');
    if (authorities.length > 0) notices.push(`${authorities[0]!.path}: nothing uses it without a certificate`);
    return undefined;
  }
  // Differs: Temporal falls back on the system's authorities, which lets in whoever has a certificate from any of them.
  if (isClientRequired && authorities.length === 0) {
    throw server.error('requireClientAuth', 'needs authorities: clientCaFiles or clientCaData');
  }
  if (!isClientRequired && authorities.length > 0) {
    notices.push(`${authorities[0]!.path}: clients are not asked for a certificate without requireClientAuth`);
  }
  return { certificate, key, clientAuthorities: isClientRequired ? authorities : undefined, refreshIntervalMs };
}

/** A group that is not in effect in Temporal either (its own docker template writes empty ones) is no error. */
function refuseOtherGroups(tls: ConfigSection): void {
  const internode = tls.section('internode');
  if (isInEffect(internode.section('server')) || isInEffect(internode.section('client'))) {
    throw tls.error('internode', 'is not supported: all services share one process, remove it');
  }
  if (internode.section('hostOverrides').keys.length > 0) {
    throw internode.error('hostOverrides', 'is not supported: all services share one process, remove it');
  }
  const systemWorker = tls.section('systemWorker');
  if (isInEffect(systemWorker) || isInEffect(systemWorker.section('client'))) {
    throw tls.error('systemWorker', 'is not supported: system workers call the frontend in their process, remove it');
  }
  if (tls.section('remoteClusters').keys.length > 0) {
    throw tls.error('remoteClusters', 'is not supported yet, nor is replication');
  }
  if ((tls.section('expirationChecks').durationMs('checkInterval') ?? 0) !== 0) {
    throw tls
      .section('expirationChecks')
      .error('checkInterval', 'is not supported yet: watch the certificates elsewhere');
  }
  tls.section('expirationChecks').ignore('warningWindow', 'errorWindow');
}

/** Whether a certificate or an authority is named, or TLS is forced: what turns a group on (GroupTLS.IsServerEnabled and others). */
function isInEffect(group: ConfigSection): boolean {
  const single = ['certFile', 'certData', 'keyFile', 'keyData'].filter((key) => group.string(key));
  const several = ['clientCaFiles', 'clientCaData', 'rootCaFiles', 'rootCaData'];
  const authorities = several.flatMap((key) => group.strings(key)).filter((text) => text !== '');
  const isForced = group.boolean('forceTLS') ?? false;
  group.ignore(...group.keys);
  return isForced || single.length > 0 || authorities.length > 0;
}

function onePem(server: ConfigSection, fileKey: string, dataKey: string): PemSource | undefined {
  const file = server.string(fileKey);
  const base64 = server.string(dataKey);
  if (file && base64) throw server.error(fileKey, `and ${dataKey} are mutually exclusive`);
  if (file) return { path: server.pathOf(fileKey), file };
  return base64 ? { path: server.pathOf(dataKey), base64 } : undefined;
}

/** Empty entries are passed over: Temporal's docker template writes a second one whether there is a second authority or not. */
function severalPems(server: ConfigSection, filesKey: string, dataKey: string): readonly PemSource[] {
  const files = server.strings(filesKey).filter((text) => text !== '');
  const data = server.strings(dataKey).filter((text) => text !== '');
  if (files.length > 0 && data.length > 0) throw server.error(filesKey, `and ${dataKey} are mutually exclusive`);
  return [
    ...files.map((file) => ({ path: server.pathOf(filesKey), file })),
    ...data.map((base64) => ({ path: server.pathOf(dataKey), base64 })),
  ];
}
