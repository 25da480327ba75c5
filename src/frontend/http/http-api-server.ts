// The HTTP JSON API's listener: collects requests up to the limit, hands them to the gateway, writes answers. Started by the
// composition root when an HTTP port is configured. Main loop.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { MethodTable } from '../../rpc/handler.ts';
import { peerCertificate } from '../../rpc/peer.ts';
import type { TlsOptions } from '../../rpc/server-options.ts';
import { wildcardPattern } from '../checks/wildcard.ts';
import { HTTP_ALLOWED_HOSTS } from '../settings.ts';
import type { Gateway, HttpResponse } from './gateway.ts';

/** Bytes of a request's body: gRPC's own limit (common/rpc MaxHTTPAPIRequestBytes, v1.31). */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A connection that sends its request more slowly than this is closed (frontend.keepAliveMaxConnectionIdle's role in v1.31). */
const REQUEST_TIMEOUT_MS = 120_000;
/** Connections at one time; each holds a socket and at most one body. */
const MAX_CONNECTIONS = 10_000;

export interface HttpApiOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The gRPC port's, as in Temporal (service/frontend/http_api_server.go, v1.31). */
  readonly tls?: TlsOptions | undefined;
  readonly methods: MethodTable;
  readonly dynamicConfig: DynamicConfig;
  readonly logger: Logger;
  readonly serverVersion: string;
  readonly additionalForwardedHeaders?: readonly string[];
}

export interface HttpApiServer {
  start(): Promise<{ readonly host: string; readonly port: number }>;
  /** Waits for requests in progress up to `graceMs`. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
  /** Takes other certificates for connections to come. Throws on a server without TLS. */
  updateTls(options: TlsOptions): void;
}

export function createHttpApiServer(options: HttpApiOptions): HttpApiServer {
  let gateway: Promise<Gateway> | undefined;
  const load = () => {
    gateway ??= import('./gateway.ts').then(
      (module) =>
        new module.Gateway({
          methods: options.methods,
          serverVersion: options.serverVersion,
          additionalForwardedHeaders: options.additionalForwardedHeaders ?? [],
        }),
    );
    return gateway;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    serve(options, load, request, response).catch((error: unknown) => {
      options.logger.error({ err: error, url: request.url }, 'HTTP API request failed');
      write(response, { status: 500, headers: JSON_HEADERS, body: '{"code": 13, "message": "internal error"}' });
    });
  };
  const limits = { requestTimeout: REQUEST_TIMEOUT_MS };
  const { tls } = options;
  const server =
    tls === undefined ? createServer(limits, answer) : createSecureServer({ ...limits, ...secureOptions(tls) }, answer);
  server.maxConnections = MAX_CONNECTIONS;
  return {
    start: () => listen(server, options),
    stop: (graceMs) => close(server, graceMs),
    updateTls: (renewed) => {
      if (!(server instanceof SecureServer)) throw new Error('this HTTP API was started without TLS');
      server.setSecureContext(secureOptions(renewed));
    },
  };
}

function secureOptions({ requireClientCertificate, ...context }: TlsOptions) {
  return {
    ...context,
    requestCert: context.ca !== undefined,
    rejectUnauthorized: requireClientCertificate === true,
  };
}

const JSON_HEADERS = { 'content-type': 'application/json' };

async function serve(
  options: HttpApiOptions,
  load: () => Promise<Gateway>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAllowedHost(options.dynamicConfig.get(HTTP_ALLOWED_HOSTS), request.headers.host ?? '')) {
    write(response, { status: 403, headers: JSON_HEADERS, body: '{"code": 7, "message": "Host not allowed"}' });
    return;
  }
  const body = await readBody(request);
  if (body === 'tooLarge') {
    const message = '{"code":3,"message":"http: request body too large"}';
    write(response, { status: 400, headers: { ...JSON_HEADERS, connection: 'close' }, body: message });
    return;
  }
  const call = (await load()).handle({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    body,
    peer: { address: addressOf(request.socket), certificate: certificateOf(request.socket) },
  });
  response.on('close', () => {
    if (!response.writableFinished) call.cancel();
  });
  write(response, await call.response);
}

function isAllowedHost(patterns: unknown, host: string): boolean {
  if (!Array.isArray(patterns) || patterns.length === 0) return true;
  return patterns.some((pattern) => typeof pattern === 'string' && wildcardPattern(pattern).test(host));
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | 'tooLarge'> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return 'tooLarge';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function write(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function addressOf({ remoteAddress = '', remotePort = 0, remoteFamily }: Socket): string {
  return remoteFamily === 'IPv6' ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

function certificateOf(socket: Socket): ReturnType<typeof peerCertificate> {
  return 'encrypted' in socket ? peerCertificate(socket as TLSSocket) : undefined;
}

function listen(
  server: Server,
  { host, port }: HttpApiOptions,
): Promise<{ readonly host: string; readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      resolve({ host: address.address, port: address.port });
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const limit = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
}
