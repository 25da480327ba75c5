// One HTTP/2 connection (RFC 9113) from its socket's side: reads and writes by the turn, its preface, its ways to end (GOAWAY, drain,
// overflow, silence), and what its streams need of it. What frames mean is frame-handler.ts. Created by server.ts. Main loop.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CONNECTION_AGED, SHUTTING_DOWN } from '../grpc/routing.ts';
import type { Peer, RpcStatus } from '../handler.ts';
import { peerAddress, peerCertificate } from '../peer.ts';
import { BackPressure, type BackPressureOwner } from './back-pressure.ts';
import type { ConnectionHost } from './connection-host.ts';
import { ConnectionError, ErrorCode } from './errors.ts';
import { FloodGuard } from './flood-guard.ts';
import { encodeFrame, FrameType } from './frame.ts';
import { FrameHandler } from './frame-handler.ts';
import { FrameReader } from './frame-reader.ts';
import { Goaway } from './goaway.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import { http1Answer } from './http1-answer.ts';
import { KeepAlive } from './keep-alive.ts';
import { Linger } from './linger.ts';
import { OpenStreams } from './open-streams.ts';
import { type FlushOwner, OutputBuffer } from './output-buffer.ts';
import { OutputQueue } from './output-queue.ts';
import { PrefaceReader, writeOwnPreface } from './preface.ts';
import type { Http2Stream } from './stream.ts';

/** The socket is not read while it holds this much unsent: a peer that asks without listening gets no further. */
const PAUSE_BACKLOG_BYTES = 1024 * 1024;
/** Tells the answer to a keep-alive ping from others. */
const KEEP_ALIVE_PING = Buffer.from('ostinato');

export class Http2Connection implements FlushOwner, BackPressureOwner {
  readonly host: ConnectionHost;
  readonly output: OutputQueue;
  readonly pressure: BackPressure;
  peerMaxHeaderListBytes = Number.POSITIVE_INFINITY;
  /** True from GOAWAY with an error, or the loss of the socket: nothing is read or answered any more. */
  closed = false;
  /** Something waits to be flushed, at the end of the read or of the turn. */
  dirty = false;
  readonly #socket: Socket;
  readonly #buffer: OutputBuffer;
  readonly #preface = new PrefaceReader();
  readonly #streams: OpenStreams;
  readonly #frames: FrameHandler;
  readonly #reader: FrameReader;
  readonly #flood: FloodGuard;
  readonly #keepAlive: KeepAlive;
  readonly #linger: Linger;
  readonly #acceptedMs: number;
  #peer: Peer | undefined;
  readonly #goaway: Goaway;
  #paused = false;
  #inRead = false;

  constructor(host: ConnectionHost, socket: Socket, encrypted: boolean) {
    this.host = host;
    this.#socket = socket;
    this.#acceptedMs = host.readClock();
    this.#flood = new FloodGuard(this.#acceptedMs);
    this.#keepAlive = new KeepAlive(host.limits.keepAlive, this.#acceptedMs, Math.random);
    this.#buffer = new OutputBuffer(socket, host.slabs, encrypted, this);
    this.#goaway = new Goaway(this.#buffer);
    this.#linger = new Linger(socket);
    this.pressure = new BackPressure(host, this);
    const encoder = new HpackEncoder();
    this.output = new OutputQueue(this.#buffer, encoder, this.pressure);
    this.#streams = new OpenStreams(host.wheel, this.#buffer, this.output, () => this.#onNoStreams());
    this.#frames = new FrameHandler(this, {
      buffer: this.#buffer,
      encoder,
      streams: this.#streams,
      keepAlive: this.#keepAlive,
      goaway: this.#goaway,
      flood: this.#flood,
    });
    this.#reader = new FrameReader(this.#frames);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', (error) => host.logger.debug({ err: error, peer: this.peer.address }, 'socket error'));
    socket.on('end', () => this.#onLost());
    socket.on('close', () => this.#onLost());
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get peer(): Peer {
    this.#peer ??= {
      address: peerAddress(this.#socket),
      certificate: 'encrypted' in this.#socket ? peerCertificate(this.#socket as TLSSocket) : undefined,
    };
    return this.#peer;
  }

  // ---- turns

  /** End of a turn: everything that was said in it goes out in one write. */
  flush(): void {
    this.dirty = false;
    if (this.#socket.destroyed) return;
    if (this.output.hasReady) this.output.pump();
    this.pressure.release();
    const buffer = this.#buffer;
    buffer.flush();
    this.host.counts.bytesSent += buffer.sentBytes;
    this.host.counts.writes += buffer.sentWrites;
    buffer.sentBytes = 0;
    buffer.sentWrites = 0;
    if (this.closed) return;
    if (buffer.backlogBytes === 0 && this.output.hasReady) this.scheduleFlush();
    if (buffer.backlogBytes > PAUSE_BACKLOG_BYTES && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  /** Called about once a second. */
  sweep(nowMs: number): void {
    if (this.closed) return;
    const { limits, counts } = this.host;
    if (!this.#frames.settingsReceived) {
      if (nowMs - this.#acceptedMs < limits.handshakeTimeoutMs) return;
      counts.handshakeTimeouts++;
      this.#fatal(ErrorCode.SETTINGS_TIMEOUT, 'no SETTINGS');
      return;
    }
    if (this.#goaway.isFinalDue(undefined, nowMs)) this.finishDrain();
    if (this.pressure.isStalled(nowMs)) {
      counts.outputStalls++;
      this.destroy();
      return;
    }
    this.#checkKeepAlive(nowMs);
  }

  /** RFC 9113 6.8: says that no new streams will be taken, and takes those that are under way. */
  startDrain(reason: string): void {
    if (this.closed || this.#goaway.announced) return;
    if (!this.#frames.settingsReceived) {
      this.#fatal(ErrorCode.NO_ERROR, reason);
      return;
    }
    this.#goaway.announce(reason, this.host.readClock());
  }

  /** The second step of it: names the last stream, and closes once none is left. */
  finishDrain(): void {
    this.#goaway.finish(this.#frames.lastStreamId);
    this.#closeIfDrained();
  }

  /** Fails what is in flight, and closes. */
  shutDown(status: RpcStatus = SHUTTING_DOWN): void {
    if (this.closed) return;
    this.#streams.abortAll(status);
    this.#fatal(ErrorCode.NO_ERROR, '');
  }

  /** Drops the socket at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#onLost();
  }

  // ---- for streams

  /** Counts work that led to nothing, outside the handling of a frame too. */
  charge(points: number): void {
    if (!this.closed && !this.#flood.spend(points, this.host.nowMs)) {
      this.#fatal(ErrorCode.ENHANCE_YOUR_CALM, 'too many requests that cannot be served');
    }
  }

  /** The reply is complete. */
  closeStream(stream: Http2Stream): void {
    this.#streams.close(stream);
  }

  /** Resets a stream whose reply nobody takes. */
  dropStream(stream: Http2Stream): void {
    this.#streams.reset(stream, ErrorCode.CANCEL);
  }

  // ---- socket

  #onData(chunk: Buffer): void {
    const host = this.host;
    host.counts.reads++;
    host.counts.bytesReceived += chunk.length;
    if (this.closed) {
      this.#linger.drop(chunk.length);
      return;
    }
    this.#keepAlive.noteRead(host.readClock());
    this.#inRead = true;
    try {
      const from = this.#preface.done ? 0 : this.#readPreface(chunk);
      if (from < chunk.length) this.#reader.push(chunk, from);
    } catch (error) {
      this.#onError(error);
    }
    this.#inRead = false;
    if (this.dirty) this.flush();
  }

  #onDrain(): void {
    this.#buffer.noteDrained();
    if (this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
    if (!this.closed) this.scheduleFlush();
  }

  #onLost(): void {
    if (!this.closed) {
      this.closed = true;
      this.#abandonStreams();
      this.#socket.destroySoon();
    }
    if (this.#socket.destroyed) this.#buffer.discard();
    this.host.onConnectionClosed(this);
  }

  /** RFC 9113 3.4. Returns where the frames begin. */
  #readPreface(chunk: Buffer): number {
    const read = this.#preface.read(chunk);
    if (typeof read !== 'number') {
      this.#refusePreface(read);
      return chunk.length;
    }
    // not before the client's is seen, because a client that speaks HTTP/1 gets an answer in HTTP/1
    if (this.#preface.done) writeOwnPreface(this.#buffer, this.host.limits);
    return read;
  }

  #refusePreface(firstBytes: Buffer): void {
    const answer = http1Answer(firstBytes);
    if (answer === undefined) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'not an HTTP/2 preface');
    this.host.counts.http1Requests++;
    this.#buffer.writeBytes(Buffer.from(answer, 'latin1'));
    this.#closeGently();
  }

  #onError(error: unknown): void {
    if (error instanceof ConnectionError) {
      this.#fatal(error.code, error.message);
      return;
    }
    this.host.logger.error({ err: error, peer: this.peer.address }, 'the http2 connection failed');
    this.#fatal(ErrorCode.INTERNAL_ERROR, 'internal error');
  }

  /** RFC 9113 5.4.1: GOAWAY, then the end. */
  #fatal(code: number, message: string): void {
    if (this.closed) return;
    if (code === ErrorCode.ENHANCE_YOUR_CALM) this.host.counts.floods++;
    else if (code !== ErrorCode.NO_ERROR) this.host.counts.protocolErrors++;
    if (code !== ErrorCode.NO_ERROR) {
      this.host.logger.debug({ code, reason: message, peer: this.peer.address }, 'http2 connection error');
    }
    this.#goaway.send(this.#frames.lastStreamId, code, message);
    this.#closeGently();
  }

  /** Flushes, says no more, and leaves the socket to its last moment. */
  #closeGently(): void {
    this.closed = true;
    this.#abandonStreams();
    this.flush();
    if (this.#paused) this.#socket.resume();
    this.#linger.begin();
    this.host.onConnectionClosed(this);
  }

  #abandonStreams(): void {
    this.#streams.cancelAll();
    this.pressure.discard();
    this.#frames.discard();
  }

  #onNoStreams(): void {
    this.#keepAlive.noteIdle(this.host.nowMs);
    // not within the writing of the last reply
    if (this.#goaway.final) setImmediate(() => this.#closeIfDrained());
  }

  #closeIfDrained(): void {
    if (this.#streams.size === 0 && !this.closed) this.#closeGently();
  }

  /** What is said while a read is handled goes out at its end; anything else at the end of the loop's turn. */
  scheduleFlush(): void {
    if (this.#inRead) this.dirty = true;
    else this.host.scheduleFlush(this);
  }

  // ---- upkeep

  #checkKeepAlive(nowMs: number): void {
    const counts = this.host.counts;
    switch (this.#keepAlive.check(nowMs, this.#streams.size > 0)) {
      case 'ping':
        this.#buffer.writeBytes(encodeFrame(FrameType.PING, 0, 0, KEEP_ALIVE_PING));
        break;
      case 'ping timeout':
        counts.keepAliveTimeouts++;
        this.destroy();
        break;
      case 'idle':
        if (!this.#goaway.announced) counts.idledOut++;
        this.startDrain('max_idle');
        break;
      case 'aged':
        if (!this.#goaway.announced) counts.agedOut++;
        this.startDrain('max_age');
        break;
      case 'age grace over':
        this.shutDown(CONNECTION_AGED);
        break;
      default:
    }
  }

  onOutputOverflow(bytes: number): void {
    this.host.logger.warn({ peer: this.peer.address, bytes }, 'a peer does not take its replies');
    // not within the handler's call that brought it over the limit
    setImmediate(() => this.destroy());
  }
}
