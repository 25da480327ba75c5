// From a request of node:http to the gateway and back: collects the body up to the limit, loads the gateway at the first call, hangs up
// on it when the client does. Used by the HTTP API's listener and the Web UI's. Main loop.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { peerCertificate } from '../../rpc/peer.ts';
import type { Gateway, GatewayDependencies, HttpResponse } from './gateway.ts';

/** Bytes of a request's body: gRPC's own limit (common/rpc MaxHTTPAPIRequestBytes, v1.31). */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export const JSON_HEADERS: Readonly<Record<string, string>> = { 'content-type': 'application/json' };

export class ApiEndpoint {
  private readonly dependencies: GatewayDependencies;
  private gateway: Promise<Gateway> | undefined;

  constructor(dependencies: GatewayDependencies) {
    this.dependencies = dependencies;
  }

  /** `url` is the request's own unless it is given. */
  async call(request: IncomingMessage, response: ServerResponse, url = request.url ?? '/'): Promise<HttpResponse> {
    const body = await readBody(request);
    if (body === 'tooLarge') {
      const message = '{"code":3,"message":"http: request body too large"}';
      return { status: 400, headers: { ...JSON_HEADERS, connection: 'close' }, body: message };
    }
    const call = (await this.load()).handle({
      method: request.method ?? 'GET',
      url,
      headers: request.headers,
      body,
      peer: { address: addressOf(request.socket), certificate: certificateOf(request.socket) },
    });
    const hangUp = () => call.cancel();
    response.once('close', hangUp);
    if (response.destroyed) hangUp();
    const answer = await call.response;
    response.off('close', hangUp);
    return answer;
  }

  private load(): Promise<Gateway> {
    this.gateway ??= import('./gateway.ts').then((module) => new module.Gateway(this.dependencies));
    return this.gateway;
  }
}

export function writeResponse(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | 'tooLarge'> {
  // Read by an earlier call for the same request.
  if (request.readableEnded) return new Uint8Array(0);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return 'tooLarge';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function addressOf({ remoteAddress = '', remotePort = 0, remoteFamily }: Socket): string {
  return remoteFamily === 'IPv6' ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

function certificateOf(socket: Socket): ReturnType<typeof peerCertificate> {
  return 'encrypted' in socket ? peerCertificate(socket as TLSSocket) : undefined;
}
