// Refuses clients that are too new or too old, by the headers they send (common/headers/version_checker.go, v1.31). Main loop.

import { parseVersion, parseVersionRange, satisfies, VersionSyntaxError } from '../../base/semantic-version.ts';
import { clientVersionNotSupported, invalidArgument, serverVersionNotSupported } from '../../proto/service-errors.ts';
import type { Interceptor } from './interceptor.ts';

/** Client name and the versions of it that are served. */
const SUPPORTED_CLIENTS: ReadonlyMap<string, string> = new Map([
  ['temporal-go', '<2.0.0'],
  ['temporal-java', '<2.0.0'],
  ['temporal-php', '<2.0.0'],
  ['temporal-typescript', '<2.0.0'],
  ['temporal-cli', '<2.0.0'],
  ['temporal-server', '<2.0.0'],
  ['temporal-ui', '<3.0.0'],
  ['Nexus-go-sdk', '<2.0.0'],
]);

/** Combinations of the three headers that were found good; beyond this the memory of them starts anew. */
const MAX_REMEMBERED = 1000;

export function sdkVersion(serverVersion: string): Interceptor {
  const accepted = new Set<string>();
  let last = { name: '', version: '', supportedServers: '' };
  return (call) => {
    const { metadata } = call.server;
    const name = metadata.get('client-name') ?? '';
    const version = metadata.get('client-version') ?? '';
    if (name === '' || version === '') return;
    const supportedServers = metadata.get('supported-server-versions') ?? '';
    // Most calls come from the client that made the last one.
    if (name === last.name && version === last.version && supportedServers === last.supportedServers) return;
    const key = `${name} ${version} ${supportedServers}`;
    if (accepted.has(key)) {
      last = { name, version, supportedServers };
      return;
    }
    checkClient(name, version);
    checkServer(serverVersion, supportedServers);
    if (accepted.size >= MAX_REMEMBERED) accepted.clear();
    accepted.add(key);
  };
}

function checkClient(name: string, version: string): void {
  const supported = SUPPORTED_CLIENTS.get(name);
  if (supported === undefined) return;
  const parsed = parsing('Unable to parse client version', () => parseVersion(version));
  if (satisfies(parsed, parseVersionRange(supported))) return;
  throw clientVersionNotSupported(
    `Client version ${version} is not supported. Server supports ${name} versions: ${supported}`,
    version,
    name,
    supported,
  );
}

function checkServer(serverVersion: string, supportedServers: string): void {
  if (supportedServers === '') return;
  const range = parsing('Unable to parse supported server versions', () => parseVersionRange(supportedServers));
  if (satisfies(parseVersion(serverVersion), range)) return;
  throw serverVersionNotSupported(
    `Server version ${serverVersion} is not supported. Client supports server versions: ${supportedServers}`,
    serverVersion,
    supportedServers,
  );
}

function parsing<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof VersionSyntaxError) throw invalidArgument(`${what}: ${error.message}`);
    throw error;
  }
}
