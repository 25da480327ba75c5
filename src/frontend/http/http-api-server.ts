// The HTTP JSON API's listener: looks at the host that was asked for, hands requests to the gateway, writes answers. Started by the
// composition root when an HTTP port is configured. Main loop.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { MethodTable } from '../../rpc/handler.ts';
import type { TlsOptions } from '../../rpc/server-options.ts';
import { wildcardPattern } from '../checks/wildcard.ts';
import { HTTP_ALLOWED_HOSTS } from '../settings.ts';
import { ApiEndpoint, JSON_HEADERS, writeResponse } from './api-endpoint.ts';
import { HTTP_API_DIALECT } from './dialect.ts';
import { close, type HttpAddress, listen } from './http-listener.ts';

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
  start(): Promise<HttpAddress>;
  /** Waits for requests in progress up to `graceMs`. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
  /** Takes other certificates for connections to come. Throws on a server without TLS. */
  updateTls(options: TlsOptions): void;
}

export function createHttpApiServer(options: HttpApiOptions): HttpApiServer {
  const endpoint = new ApiEndpoint({
    methods: options.methods,
    serverVersion: options.serverVersion,
    additionalForwardedHeaders: options.additionalForwardedHeaders ?? [],
    dialect: HTTP_API_DIALECT,
  });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    serve(options, endpoint, request, response).catch((error: unknown) => {
      options.logger.error({ err: error, url: request.url }, 'HTTP API request failed');
      writeResponse(response, {
        status: 500,
        headers: JSON_HEADERS,
        body: '{"code": 13, "message": "internal error"}',
      });
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

async function serve(
  options: HttpApiOptions,
  endpoint: ApiEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAllowedHost(options.dynamicConfig.get(HTTP_ALLOWED_HOSTS), request.headers.host ?? '')) {
    const body = '{"code": 7, "message": "Host not allowed"}';
    writeResponse(response, { status: 403, headers: JSON_HEADERS, body });
    return;
  }
  writeResponse(response, await endpoint.call(request, response));
}

function isAllowedHost(patterns: unknown, host: string): boolean {
  if (!Array.isArray(patterns) || patterns.length === 0) return true;
  return patterns.some((pattern) => typeof pattern === 'string' && wildcardPattern(pattern).test(host));
}
