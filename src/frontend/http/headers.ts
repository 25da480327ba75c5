// HTTP headers on their way to the call's metadata, as grpc-gateway with Temporal's settings passes them (http_api_server.go, v1.31).
// Main loop.

import type { IncomingHttpHeaders } from 'node:http';
import type { RequestMetadata } from '../../rpc/handler.ts';

const PREFIX = 'grpc-metadata-';
/** Passed under their own names. */
const FORWARDED: ReadonlySet<string> = new Set([
  'authorization',
  'authorization-extras',
  'x-forwarded-for',
  'client-name',
  'client-version',
]);
/** Headers of HTTP itself are passed with a prefix of their own (grpc-gateway isPermanentHTTPHeader). */
const PERMANENT: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-language',
  'accept-ranges',
  'authorization',
  'cache-control',
  'content-type',
  'cookie',
  'date',
  'expect',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-schedule-tag-match',
  'if-unmodified-since',
  'max-forwards',
  'origin',
  'pragma',
  'referer',
  'user-agent',
  'via',
  'warning',
]);

/** The client that calls over HTTP are to the checks of versions. */
const HTTP_CLIENT_NAME = 'temporal-server-http';

export interface HeaderRules {
  readonly serverVersion: string;
  /** More headers to pass; a trailing `*` stands for any ending (rpc.httpAdditionalForwardedHeaders). */
  readonly additionalForwardedHeaders: readonly string[];
  /** Who calls, whatever the request says of it; without it, the request's own word counts. */
  readonly client?: { readonly name: string; readonly version: string };
}

export function metadataOf(headers: IncomingHttpHeaders, remoteAddress: string, rules: HeaderRules): RequestMetadata {
  const metadata = new Map<string, string[]>();
  for (const [name, value] of Object.entries(headers)) {
    const values = [value ?? []].flat();
    for (const target of targetsOf(name, rules)) metadata.set(target, [...(metadata.get(target) ?? []), ...values]);
  }
  const forwardedFor = [...(metadata.get('x-forwarded-for') ?? []), remoteAddress].join(', ');
  metadata.set('x-forwarded-for', [forwardedFor]);
  const host = headers['x-forwarded-host'] ?? headers.host;
  if (host !== undefined) metadata.set('x-forwarded-host', [host].flat());
  const { client } = rules;
  if (client !== undefined || !metadata.has('client-name')) {
    metadata.set('client-name', [client?.name ?? HTTP_CLIENT_NAME]);
  }
  if (client !== undefined || !metadata.has('client-version')) {
    metadata.set('client-version', [client?.version ?? rules.serverVersion]);
  }
  return {
    get: (name) => metadata.get(name)?.at(-1),
    getAll: (name) => metadata.get(name) ?? [],
  };
}

function targetsOf(name: string, { additionalForwardedHeaders }: HeaderRules): string[] {
  if (name.startsWith(PREFIX)) return [name.slice(PREFIX.length)];
  const targets: string[] = [];
  if (FORWARDED.has(name) || additionalForwardedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))) {
    targets.push(name);
  }
  if (PERMANENT.has(name)) targets.push(`grpcgateway-${name}`);
  return targets;
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

const TIMEOUT_UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** `Grpc-Timeout` in ms; Infinity without one, undefined if it cannot be read. */
export function timeoutMsOf(headers: IncomingHttpHeaders): number | undefined {
  const text = [headers['grpc-timeout'] ?? []].flat()[0];
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (TIMEOUT_UNITS_MS[match[2] as string] as number);
}
