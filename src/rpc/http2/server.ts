// Our HTTP/2 server for gRPC, over node:net and node:tls: accepts connections within the limits, gives them their turns, and
// ends them in order. Created by createRpcServer. Main loop.

import net from 'node:net';
import tls from 'node:tls';
import type { RpcServer } from '../handler.ts';
import { rpcLimits } from '../limits.ts';
import { listen } from '../listen.ts';
import { NO_LOGGER } from '../logger.ts';
import { NO_METRICS, transportMetrics } from '../metrics.ts';
import type { RpcServerOptions, TlsOptions } from '../server-options.ts';
import { Http2Connection } from './connection.ts';
import { type ConnectionHost, TransportCounts } from './connection-host.ts';
import { DeadlineWheel } from './deadline-wheel.ts';
import { FieldCache } from './field-cache.ts';
import { SlabPool } from './output-buffer.ts';
import type { Http2Stream } from './stream.ts';

/** How often connections are looked after: a tenth of the shortest of the usual time limits. */
const MAX_SWEEP_MS = 1000;
const MIN_SWEEP_MS = 20;
/** After the grace of `stop`: for clients to read GOAWAY and close. Sockets without a connection end with it too. */
const FAREWELL_MS = 500;
/** SO_REUSEPORT and backlog are left to the system; this is how many connections may wait to be accepted. */
const LISTEN_BACKLOG = 4096;

export function createHttp2Server(options: RpcServerOptions): RpcServer {
  return new Http2Server(options);
}

class Http2Server implements RpcServer, ConnectionHost {
  readonly limits;
  readonly methods;
  readonly logger;
  readonly slabs = new SlabPool();
  readonly fields = new FieldCache();
  readonly wheel: DeadlineWheel;
  readonly counts = new TransportCounts();
  nowMs = performance.now();
  totalPendingOutputBytes = 0;
  totalPendingRequestBytes = 0;
  readonly #options: RpcServerOptions;
  readonly #metrics;
  readonly #server: net.Server;
  readonly #connections = new Set<Http2Connection>();
  /** Sockets that are accepted and not closed; with TLS they exist before their connection does. */
  readonly #sockets = new Set<net.Socket>();
  readonly #socketsByAddress = new Map<string, number>();
  readonly #reported = new TransportCounts();
  #reportedGauges = { connections: 0, streams: 0, pendingRequestBytes: 0, pendingOutputBytes: 0 };
  #dirty: Http2Connection[] = [];
  #spareDirty: Http2Connection[] = [];
  #sweeper: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.limits = rpcLimits(options.limits);
    this.methods = options.methods;
    this.logger = options.logger ?? NO_LOGGER;
    this.#metrics = transportMetrics(options.metrics ?? NO_METRICS);
    this.wheel = new DeadlineWheel(
      () => this.readClock(),
      (entry) => (entry as Http2Stream).expire(this.nowMs),
    );
    this.#server = this.#createServer(options.tls);
    this.#server.maxConnections = this.limits.maxConnections;
    this.#server.on('drop', () => this.counts.connectionsRefused++);
  }

  start(): Promise<{ readonly host: string; readonly port: number }> {
    const { keepAlive, handshakeTimeoutMs, outputStallTimeoutMs } = this.limits;
    const shortest = Math.min(handshakeTimeoutMs, outputStallTimeoutMs, ...Object.values(keepAlive).filter(isDuration));
    const sweepMs = Math.max(MIN_SWEEP_MS, Math.min(MAX_SWEEP_MS, shortest / 10));
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    this.#sweeper.unref();
    return listen(this.#server, { host: this.#options.host, port: this.#options.port, backlog: LISTEN_BACKLOG });
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  updateTls(options: TlsOptions): void {
    if (!(this.#server instanceof tls.Server)) throw new Error('this gRPC server was started without TLS');
    this.#server.setSecureContext(secureContext(options));
  }

  // ---- for connections

  readClock(): number {
    this.nowMs = performance.now();
    return this.nowMs;
  }

  /** One flush per connection and turn: after all sockets that had something to say in this turn were read. */
  scheduleFlush(connection: Http2Connection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    if (this.#dirty.push(connection) === 1) setImmediate(() => this.#flush());
  }

  onConnectionClosed(connection: Http2Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = this.#spareDirty;
    for (const connection of dirty) connection.flush();
    dirty.length = 0;
    this.#spareDirty = dirty;
  }

  // ---- connections

  #createServer(options: TlsOptions | undefined): net.Server {
    if (options === undefined) {
      return net.createServer({ noDelay: true }, (socket) => {
        if (this.#admit(socket)) this.#connect(socket, false);
      });
    }
    const server = tls.createServer(
      {
        ...secureContext(options),
        ALPNProtocols: ['h2', 'http/1.1'], // RFC 9113 3.2; HTTP/1.1 so that its clients are told, not cut off
        requestCert: options.ca !== undefined,
        rejectUnauthorized: options.requireClientCertificate === true,
        handshakeTimeout: this.limits.handshakeTimeoutMs,
        noDelay: true,
      },
      (socket) => this.#connect(socket, true),
    );
    server.on('connection', (socket: net.Socket) => this.#admit(socket));
    server.on('tlsClientError', (error) => this.logger.debug({ err: error }, 'TLS handshake failed'));
    return server;
  }

  /** Counts the socket, or closes it when its address has too many. */
  #admit(socket: net.Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const count = (this.#socketsByAddress.get(address) ?? 0) + 1;
    if (count > this.limits.maxConnectionsPerAddress || this.#stopping !== undefined) {
      this.counts.connectionsRefused++;
      socket.destroy();
      return false;
    }
    this.counts.connectionsAccepted++;
    this.#sockets.add(socket);
    this.#socketsByAddress.set(address, count);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      const left = this.#socketsByAddress.get(address)! - 1;
      if (left === 0) this.#socketsByAddress.delete(address);
      else this.#socketsByAddress.set(address, left);
    });
    return true;
  }

  #connect(socket: net.Socket, encrypted: boolean): void {
    if (this.#stopping !== undefined) {
      socket.destroy();
      return;
    }
    this.#connections.add(new Http2Connection(this, socket, encrypted));
  }

  // ---- upkeep

  #sweep(): void {
    const now = this.readClock();
    for (const connection of this.#connections) connection.sweep(now);
    this.#report();
  }

  #report(): void {
    const { counts } = this;
    for (const name of Object.keys(counts) as (keyof TransportCounts)[]) {
      const delta = counts[name] - this.#reported[name];
      if (delta === 0) continue;
      this.#metrics[name].add(delta);
      this.#reported[name] = counts[name];
    }
    let streams = 0;
    for (const connection of this.#connections) streams += connection.streamCount;
    const gauges = {
      connections: this.#sockets.size,
      streams,
      pendingRequestBytes: this.totalPendingRequestBytes,
      pendingOutputBytes: this.totalPendingOutputBytes,
    };
    for (const name of Object.keys(gauges) as (keyof typeof gauges)[]) {
      const delta = gauges[name] - this.#reportedGauges[name];
      if (delta !== 0) this.#metrics[name].add(delta);
    }
    this.#reportedGauges = gauges;
  }

  async #stop(graceMs: number): Promise<void> {
    if (this.#sweeper === undefined) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#connections]) connection.startDrain('graceful_stop');
    if (this.#connections.size > 0) await this.#emptyWithin(graceMs);
    for (const connection of [...this.#connections]) connection.shutDown();
    // connections that were told GOAWAY linger until their clients close them; nobody else is waited for
    const destroyAll = (): void => {
      for (const socket of this.#sockets) socket.destroySoon();
    };
    const timer = setTimeout(destroyAll, graceMs === 0 ? 0 : FAREWELL_MS);
    await closed;
    clearTimeout(timer);
    clearInterval(this.#sweeper);
    this.wheel.stop();
    this.#report();
  }

  #emptyWithin(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      const whenEmpty = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#whenEmpty = whenEmpty;
    });
  }
}

function secureContext(options: TlsOptions): tls.SecureContextOptions {
  const { requireClientCertificate: _, ...context } = options;
  return context;
}

function isDuration(value: number | boolean): value is number {
  return typeof value === 'number';
}
