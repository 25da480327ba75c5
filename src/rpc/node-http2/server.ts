// A gRPC server on node:http2, behind `--transport node`: correct and plain, the oracle against which our own transport is
// compared. It keeps the message, header and stream limits; the abuse limits are our own transport's business. Main loop.

import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import tls, { type TLSSocket } from 'node:tls';
import {
  DEADLINE_EXCEEDED,
  HEADERS_TOO_LARGE,
  httpAnswerFor,
  isKnownEncoding,
  malformedTimeout,
  SHUTTING_DOWN,
  unknownEncoding,
  unknownMethod,
} from '../grpc/routing.ts';
import { parseGrpcTimeout } from '../grpc/timeout.ts';
import type { Peer, RpcServer } from '../handler.ts';
import { type RpcLimits, rpcLimits } from '../limits.ts';
import { listen } from '../listen.ts';
import { NO_LOGGER } from '../logger.ts';
import { NO_METRICS, transportMetrics } from '../metrics.ts';
import { peerAddress, peerCertificate } from '../peer.ts';
import type { RpcServerOptions, TlsOptions } from '../server-options.ts';
import { NodeHttp2Call } from './call.ts';

/** setTimeout takes no more than this; a deadline beyond it (24 days) is none. */
const MAX_TIMER_MS = 0x7fffffff;

export function createNodeHttp2Server(options: RpcServerOptions): RpcServer {
  const limits = rpcLimits(options.limits);
  const logger = options.logger ?? NO_LOGGER;
  const metrics = transportMetrics(options.metrics ?? NO_METRICS);
  const sessions = new Set<ServerHttp2Session>();
  const calls = new Set<NodeHttp2Call>();
  const server = createServer(options.tls, limits);
  let stopping: Promise<void> | undefined;
  let whenIdle: (() => void) | undefined;

  server.on('session', (session) => {
    sessions.add(session);
    metrics.connections.add(1);
    session.on('error', (error) => logger.debug({ err: error }, 'http2 session error'));
    session.on('close', () => {
      sessions.delete(session);
      metrics.connections.add(-1);
    });
    const peer = sessionPeer(session);
    session.on('stream', (stream, headers) => accept(stream, headers, peer));
  });
  server.on('sessionError', (error: Error) => logger.debug({ err: error }, 'http2 session error'));

  function accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, peer: Peer): void {
    metrics.calls.add(1);
    stream.on('error', (error) => logger.debug({ err: error }, 'http2 stream error'));
    const path = headers[':path'] ?? '';
    const answer = httpAnswerFor(headers[':method'] ?? '', headers['content-type'] ?? '', path, options.methods);
    if (answer !== undefined) {
      metrics.notGrpc.add(1);
      stream.respond({ ':status': answer.status, ...Object.fromEntries(answer.headers) });
      stream.end(headers[':method'] === 'HEAD' ? '' : answer.body);
      stream.resume();
      return;
    }
    const encoding = single(headers['grpc-encoding']);
    const timeoutText = single(headers['grpc-timeout']);
    const timeoutMs = timeoutText === '' ? Number.POSITIVE_INFINITY : parseGrpcTimeout(timeoutText);
    const call = new NodeHttp2Call({
      stream,
      headers,
      path,
      peer,
      encoding,
      logger,
      deadlineMs: Number.isNaN(timeoutMs) ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs,
      maxReceiveMessageBytes: limits.maxReceiveMessageBytes,
    });
    calls.add(call);
    metrics.streams.add(1);
    const timer = timeoutMs <= MAX_TIMER_MS ? setTimeout(onDeadline, timeoutMs) : undefined;
    function onDeadline(): void {
      metrics.deadlines.add(1);
      call.abort(DEADLINE_EXCEEDED);
    }
    stream.on('close', () => {
      clearTimeout(timer);
      if (!call.finished) metrics.cancelled.add(1);
      call.cancel();
      calls.delete(call);
      metrics.streams.add(-1);
      if (calls.size === 0) whenIdle?.();
    });
    const handler = options.methods.get(path);
    if (handler === undefined) call.fail(unknownMethod(path, options.methods));
    else if (!isKnownEncoding(encoding)) call.fail(unknownEncoding(encoding));
    else if (Number.isNaN(timeoutMs)) call.fail(malformedTimeout(timeoutText));
    else if (headerListBytes(headers) > limits.maxHeaderListBytes) call.fail(HEADERS_TOO_LARGE);
    else call.run(handler);
  }

  async function stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of sessions) session.close();
    if (calls.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const call of calls) call.abort(SHUTTING_DOWN);
    await new Promise((resolve) => setImmediate(resolve));
    for (const session of sessions) session.destroy();
    await closed;
  }

  return {
    start: () => listen(server, { host: options.host, port: options.port }),
    stop: (graceMs) => (stopping ??= stop(graceMs)),
    updateTls: (renewed) => {
      if (!(server instanceof tls.Server)) throw new Error('this gRPC server was started without TLS');
      const { requireClientCertificate: _, ...secure } = renewed;
      server.setSecureContext(secure);
    },
  };
}

function createServer(tls: TlsOptions | undefined, limits: RpcLimits) {
  const settings = {
    maxConcurrentStreams: limits.maxStreamsPerConnection,
    maxHeaderListSize: limits.maxHeaderListBytes,
    initialWindowSize: 1 << 20,
  };
  // A worker host that leaves cancels a thousand polls at once: no attack. (Node's defaults: 1,000, then 33 a second.)
  const resets = { streamResetBurst: 10_000, streamResetRate: 1_000 };
  if (tls === undefined) return http2.createServer({ settings, ...resets });
  const { requireClientCertificate, ...secure } = tls;
  return http2.createSecureServer({
    settings,
    ...resets,
    ...secure,
    requestCert: secure.ca !== undefined,
    rejectUnauthorized: requireClientCertificate === true,
  });
}

function sessionPeer(session: ServerHttp2Session): Peer {
  const socket = session.socket;
  const certificate = 'encrypted' in socket ? peerCertificate(socket as TLSSocket) : undefined;
  return { address: peerAddress(socket), certificate };
}

function single(value: string | string[] | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : (value[0] ?? '');
}

/** RFC 9113 6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE: name, value and 32 for each field. */
function headerListBytes(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    const values = typeof value === 'string' ? [value] : (value ?? []);
    for (const one of values) bytes += name.length + one.length + 32;
  }
  return bytes;
}
