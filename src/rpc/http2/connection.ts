// One HTTP/2 connection (RFC 9113): takes frames from the reader, keeps the states of its streams, and says what the server
// has to say. Errors in frames are thrown as ConnectionError and end in GOAWAY here. Created by server.ts. Main loop.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  CONNECTION_AGED,
  HEADERS_TOO_LARGE,
  httpAnswerFor,
  isGrpcContentType,
  isKnownEncoding,
  malformedTimeout,
  SHUTTING_DOWN,
  unknownEncoding,
  unknownMethod,
} from '../grpc/routing.ts';
import type { Peer, RpcStatus } from '../handler.ts';
import { peerAddress, peerCertificate } from '../peer.ts';
import { ClosedStreams } from './closed-streams.ts';
import type { ConnectionHost } from './connection-host.ts';
import { ConnectionError, ErrorCode } from './errors.ts';
import { FloodCost, FloodGuard } from './flood-guard.ts';
import {
  CONNECTION_WINDOW_BYTES,
  DEFAULT_WINDOW_BYTES,
  MAX_WINDOW,
  ReceiveWindow,
  STREAM_WINDOW_BYTES,
} from './flow-control.ts';
import { CLIENT_PREFACE, encodeFrame, Flag, FrameType, readUint31, readUint32, writeUint32 } from './frame.ts';
import { FrameReader, type FrameReceiver } from './frame-reader.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import { http1Answer } from './http1-answer.ts';
import { KeepAlive } from './keep-alive.ts';
import { OutputBuffer } from './output-buffer.ts';
import { OutputQueue, sentFrameLimit } from './output-queue.ts';
import { RequestHead } from './request-head.ts';
import { ownSettings, readSettings, Setting } from './settings.ts';
import { Http2Stream } from './stream.ts';
import { StreamTable } from './stream-table.ts';

/** The socket is not read while it holds this much unsent: a peer that asks without listening gets no further. */
const PAUSE_BACKLOG_BYTES = 1024 * 1024;
/** A connection whose waiting replies reach this many times the limit at which requests wait is closed. */
const OUTPUT_OVERFLOW_FACTOR = 8;
/** How long the peer may still talk after GOAWAY, so that it reads it before the reset that unread bytes cause. */
const LINGER_MS = 1000;
/** What is read and dropped meanwhile: a full window of the kernel's. */
const MAX_LINGER_BYTES = 1024 * 1024;
/** CONTINUATION frames of one header block; a block of the largest size takes 8 of full size. */
const MAX_CONTINUATIONS = 64;
/** DATA frames smaller than this that do not end a request count as tiny. */
const TINY_DATA_BYTES = 64;
/** After the first GOAWAY, how long calls that were under way may still arrive when the peer does not answer our ping. */
const DRAIN_PING_TIMEOUT_MS = 1000;
const MAX_STREAM_ID = 0x7fffffff;

/** Payloads that tell the answers to our pings apart. */
const KEEP_ALIVE_PING = Buffer.from('ostinato');
const DRAIN_PING = Buffer.from('graceful');

/** A header block that is not complete, or is of no use but to HPACK. */
interface OpenBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly parts: Buffer[];
  bytes: number;
}

type DrainState = 'open' | 'announced' | 'final';

export class Http2Connection implements FrameReceiver {
  readonly host: ConnectionHost;
  readonly output: OutputQueue;
  peerMaxHeaderListBytes = Number.POSITIVE_INFINITY;
  /** True from GOAWAY with an error, or the loss of the socket: nothing is read or answered any more. */
  closed = false;
  /** Something waits to be flushed, at the end of the read or of the turn. */
  dirty = false;
  readonly #socket: Socket;
  readonly #buffer: OutputBuffer;
  readonly #encoder = new HpackEncoder();
  readonly #decoder = new HpackDecoder();
  readonly #reader = new FrameReader(this);
  readonly #streams = new StreamTable<Http2Stream>();
  readonly #closedStreams = new ClosedStreams();
  readonly #receiveWindow = new ReceiveWindow(CONNECTION_WINDOW_BYTES);
  readonly #flood: FloodGuard;
  readonly #keepAlive: KeepAlive;
  readonly #acceptedMs: number;
  #peer: Peer | undefined;
  #prefaceBytes = 0;
  #settingsReceived = false;
  #lastStreamId = 0;
  /** What GOAWAY said last. */
  #announcedStreamId = MAX_STREAM_ID;
  #openBlock: OpenBlock | undefined;
  #pendingRequestBytes = 0;
  /** Unary requests that wait until earlier replies were taken. */
  #heldRequests: { stream: Http2Stream; message: Uint8Array }[] = [];
  #drain: DrainState = 'open';
  #drainMs = 0;
  #stalledSinceMs = 0;
  #movedBytes = 0;
  #paused = false;
  #inRead = false;
  #overflowed = false;
  #lingeredBytes = 0;
  /** Where the output queue's count of DATA frames stood at the last ping. */
  #dataFramesAtPing = 0;

  constructor(host: ConnectionHost, socket: Socket, encrypted: boolean) {
    this.host = host;
    this.#socket = socket;
    this.#acceptedMs = host.readClock();
    this.#flood = new FloodGuard(this.#acceptedMs);
    this.#keepAlive = new KeepAlive(host.limits.keepAlive, this.#acceptedMs, Math.random);
    this.#buffer = new OutputBuffer(socket, host.slabs, encrypted, () => this.#schedule());
    this.output = new OutputQueue({
      buffer: this.#buffer,
      encoder: this.#encoder,
      onPendingBytes: (delta) => this.#onPendingOutput(delta),
    });
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('error', (error) => host.logger.debug({ err: error, peer: this.peer.address }, 'socket error'));
    socket.on('end', () => this.#onLost());
    socket.on('close', () => this.#onLost());
  }

  get reading(): boolean {
    return !this.closed;
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
    if (this.#heldRequests.length > 0) this.#releaseRequests();
    const buffer = this.#buffer;
    buffer.flush();
    this.host.counts.bytesSent += buffer.sentBytes;
    this.host.counts.writes += buffer.sentWrites;
    buffer.sentBytes = 0;
    buffer.sentWrites = 0;
    if (this.closed) return;
    if (buffer.backlogBytes === 0 && this.output.hasReady) this.#schedule();
    if (buffer.backlogBytes > PAUSE_BACKLOG_BYTES && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  /** Called about once a second. */
  sweep(nowMs: number): void {
    if (this.closed) return;
    const { limits, counts } = this.host;
    if (!this.#settingsReceived) {
      if (nowMs - this.#acceptedMs < limits.handshakeTimeoutMs) return;
      counts.handshakeTimeouts++;
      this.#fatal(ErrorCode.SETTINGS_TIMEOUT, 'no SETTINGS');
      return;
    }
    if (this.#drain === 'announced' && nowMs - this.#drainMs >= DRAIN_PING_TIMEOUT_MS) this.#finalGoaway();
    if (this.#isStalled(nowMs)) {
      counts.outputStalls++;
      this.destroy();
      return;
    }
    this.#checkKeepAlive(nowMs);
  }

  /** RFC 9113 6.8: says that no new streams will be taken, and takes those that are under way. */
  startDrain(reason: string): void {
    if (this.closed || this.#drain !== 'open') return;
    if (!this.#settingsReceived) {
      this.#fatal(ErrorCode.NO_ERROR, reason);
      return;
    }
    this.#drain = 'announced';
    this.#drainMs = this.host.readClock();
    this.#goaway(MAX_STREAM_ID, ErrorCode.NO_ERROR, reason);
    this.#buffer.writeBytes(encodeFrame(FrameType.PING, 0, 0, DRAIN_PING));
  }

  /** Fails what is in flight, and closes. */
  shutDown(status: RpcStatus = SHUTTING_DOWN): void {
    if (this.closed) return;
    for (const stream of this.#streams.all()) stream.abort(status);
    this.#fatal(ErrorCode.NO_ERROR, '');
  }

  /** Drops the socket at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#onLost();
  }

  // ---- for streams

  /** Whether complete requests have to wait, because the peer does not take the replies to earlier ones. */
  get holdsRequests(): boolean {
    return this.output.pendingBytes > this.host.limits.maxPendingOutputBytes;
  }

  holdRequest(stream: Http2Stream, message: Uint8Array): void {
    this.host.counts.requestsHeld++;
    this.#heldRequests.push({ stream, message });
  }

  /** Counts bytes of requests that are not with their handlers yet. False when that is over a limit. */
  countRequestBytes(delta: number): boolean {
    const host = this.host;
    this.#pendingRequestBytes += delta;
    host.totalPendingRequestBytes += delta;
    return (
      delta <= 0 ||
      (this.#pendingRequestBytes <= host.limits.maxPendingRequestBytes &&
        host.totalPendingRequestBytes <= host.limits.maxTotalPendingRequestBytes)
    );
  }

  /** Counts work that led to nothing, outside the handling of a frame too. */
  charge(points: number): void {
    if (!this.closed && !this.#flood.spend(points, this.host.nowMs)) {
      this.#fatal(ErrorCode.ENHANCE_YOUR_CALM, 'too many requests that cannot be served');
    }
  }

  /** The reply is complete. RFC 9113 8.1: a request that is still arriving is refused with NO_ERROR. */
  closeStream(stream: Http2Stream): void {
    if (!stream.remoteClosed) this.#writeReset(stream.id, ErrorCode.NO_ERROR);
    this.#forget(stream);
  }

  /** Resets a stream whose reply nobody takes. */
  dropStream(stream: Http2Stream): void {
    this.#reset(stream, ErrorCode.CANCEL);
  }

  // ---- socket

  #onData(chunk: Buffer): void {
    const host = this.host;
    host.counts.reads++;
    host.counts.bytesReceived += chunk.length;
    if (this.closed) {
      this.#lingeredBytes += chunk.length;
      if (this.#lingeredBytes > MAX_LINGER_BYTES) this.#socket.destroy();
      return;
    }
    this.#keepAlive.noteRead(host.readClock());
    this.#inRead = true;
    try {
      const from = this.#prefaceBytes < CLIENT_PREFACE.length ? this.#readPreface(chunk) : 0;
      if (from >= 0 && from < chunk.length) this.#reader.push(chunk, from);
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
    if (!this.closed) this.#schedule();
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

  /** RFC 9113 3.4. Returns where the frames begin, or -1 while there are none. */
  #readPreface(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#prefaceBytes < CLIENT_PREFACE.length) {
      if (chunk[at] !== CLIENT_PREFACE[this.#prefaceBytes]) {
        this.#refusePreface(Buffer.concat([CLIENT_PREFACE.subarray(0, this.#prefaceBytes - at), chunk]));
        return -1;
      }
      at++;
      this.#prefaceBytes++;
    }
    if (this.#prefaceBytes < CLIENT_PREFACE.length) return -1;
    // our own preface: SETTINGS; then the connection's window is opened (6.9.2). Not before the client's is seen, because
    // a client that speaks HTTP/1 gets an answer in HTTP/1
    this.#buffer.writeBytes(ownSettings(this.host.limits));
    this.#buffer.writeUint32Frame(FrameType.WINDOW_UPDATE, 0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
    return at;
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
    this.#goaway(this.#lastStreamId, code, message);
    this.#closeGently();
  }

  /** Flushes, says no more, and waits a moment before the socket is destroyed. */
  #closeGently(): void {
    this.closed = true;
    this.#abandonStreams();
    this.flush();
    const socket = this.#socket;
    if (this.#paused) socket.resume();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
    this.host.onConnectionClosed(this);
  }

  #abandonStreams(): void {
    for (const stream of this.#streams.all()) {
      stream.cancel();
      this.#forget(stream);
    }
    this.#heldRequests = [];
    this.#openBlock = undefined;
  }

  #goaway(lastStreamId: number, code: number, message: string): void {
    this.#announcedStreamId = Math.min(this.#announcedStreamId, lastStreamId); // it must not grow again
    const text = Buffer.from(message, 'latin1');
    const payload = Buffer.alloc(8 + text.length);
    writeUint32(payload, 0, this.#announcedStreamId);
    writeUint32(payload, 4, code);
    payload.set(text, 8);
    this.#buffer.writeBytes(encodeFrame(FrameType.GOAWAY, 0, 0, payload));
  }

  #finalGoaway(): void {
    this.#drain = 'final';
    this.#goaway(this.#lastStreamId, ErrorCode.NO_ERROR, '');
    if (this.#streams.size === 0) this.#closeDrained();
  }

  #closeDrained(): void {
    if (!this.closed) this.#closeGently();
  }

  /** What is said while a read is handled goes out at its end; anything else at the end of the loop's turn. */
  #schedule(): void {
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
        if (this.#drain === 'open') counts.idledOut++;
        this.startDrain('max_idle');
        break;
      case 'aged':
        if (this.#drain === 'open') counts.agedOut++;
        this.startDrain('max_age');
        break;
      case 'age grace over':
        this.shutDown(CONNECTION_AGED);
        break;
      default:
    }
  }

  /** Whether replies wait and the peer has not let one byte of them go for too long. */
  #isStalled(nowMs: number): boolean {
    const { output } = this;
    if (output.pendingBytes === 0 || output.movedBytes !== this.#movedBytes) {
      this.#movedBytes = output.movedBytes;
      this.#stalledSinceMs = nowMs;
      return false;
    }
    return nowMs - this.#stalledSinceMs >= this.host.limits.outputStallTimeoutMs;
  }

  #onPendingOutput(delta: number): void {
    const { host } = this;
    host.totalPendingOutputBytes += delta;
    if (delta <= 0 || this.closed || this.#overflowed) return;
    const { maxPendingOutputBytes, maxTotalPendingOutputBytes } = host.limits;
    if (
      this.output.pendingBytes > maxPendingOutputBytes * OUTPUT_OVERFLOW_FACTOR ||
      host.totalPendingOutputBytes > maxTotalPendingOutputBytes
    ) {
      this.#overflowed = true;
      host.counts.outputOverflows++;
      host.logger.warn(
        { peer: this.peer.address, bytes: this.output.pendingBytes },
        'a peer does not take its replies',
      );
      // not within the handler's call that brought it over the limit
      setImmediate(() => this.destroy());
    }
  }

  #releaseRequests(): void {
    let released = 0;
    while (released < this.#heldRequests.length && !this.holdsRequests) {
      const { stream, message } = this.#heldRequests[released++]!;
      if (!stream.gone) stream.invokeHeld(message);
    }
    this.#heldRequests.splice(0, released);
  }

  #spend(points: number): void {
    if (!this.#flood.spend(points, this.host.nowMs)) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many frames that carry no request on');
    }
  }

  // ---- streams

  #forget(stream: Http2Stream): void {
    if (stream.gone) return;
    stream.gone = true;
    this.host.wheel.remove(stream);
    this.output.drop(stream);
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#keepAlive.noteIdle(this.host.nowMs);
    if (this.#drain === 'final') this.#closeDrainedSoon();
  }

  /** Not within the writing of the last reply. */
  #closeDrainedSoon(): void {
    setImmediate(() => {
      if (this.#streams.size === 0) this.#closeDrained();
    });
  }

  #writeReset(streamId: number, code: number): void {
    this.#buffer.writeUint32Frame(FrameType.RST_STREAM, streamId, code);
    this.#closedStreams.add(streamId);
  }

  /** RFC 9113 5.4.2. */
  #reset(stream: Http2Stream, code: number): void {
    this.#writeReset(stream.id, code);
    stream.cancel();
    this.#forget(stream);
  }

  // ---- frames

  onFrame(bytes: Uint8Array, at: number, length: number, type: number, flags: number, streamId: number): void {
    if (this.#openBlock !== undefined && (type !== FrameType.CONTINUATION || streamId !== this.#openBlock.streamId)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION expected'); // RFC 9113 6.2
    }
    if (!this.#settingsReceived && type !== FrameType.SETTINGS) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS expected'); // RFC 9113 3.4
    }
    switch (type) {
      case FrameType.DATA:
        this.#onDataFrame(bytes as Buffer, at, length, flags, streamId);
        break;
      case FrameType.HEADERS:
        this.#onHeaders(bytes as Buffer, at, length, flags, streamId);
        break;
      case FrameType.PRIORITY:
        this.#onPriority(bytes, at, length, streamId);
        break;
      case FrameType.RST_STREAM:
        this.#onReset(length, streamId);
        break;
      case FrameType.SETTINGS:
        this.#onSettings(bytes, at, length, flags, streamId);
        break;
      case FrameType.PUSH_PROMISE:
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PUSH_PROMISE from a client'); // RFC 9113 8.4
      case FrameType.PING:
        this.#onPing(bytes, at, length, flags, streamId);
        break;
      case FrameType.GOAWAY:
        this.#onGoaway(length, streamId);
        break;
      case FrameType.WINDOW_UPDATE:
        this.#onWindowUpdate(bytes, at, length, streamId);
        break;
      case FrameType.CONTINUATION:
        this.#onContinuation(bytes, at, length, flags);
        break;
      default:
        this.#spend(FloodCost.UNKNOWN_FRAME); // RFC 9113 4.1: unknown types are ignored
    }
  }

  /** RFC 9113 6.1. */
  #onDataFrame(bytes: Buffer, at: number, length: number, flags: number, streamId: number): void {
    if (streamId === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'DATA on stream 0');
    this.#assertNotIdle(streamId, 'DATA');
    let from = at;
    let to = at + length;
    if ((flags & Flag.PADDED) !== 0) {
      if (length === 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'DATA padding');
      to -= bytes[from++]!;
      if (to < from) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'DATA padding');
    }
    // RFC 9113 6.9: the whole frame counts, on streams that are closed too
    if (!this.#receiveWindow.take(length)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'connection window');
    }
    const giveBack = this.#receiveWindow.giveBack();
    if (giveBack > 0) this.#buffer.writeUint32Frame(FrameType.WINDOW_UPDATE, 0, giveBack);
    const stream = this.#streams.get(streamId);
    const ends = (flags & Flag.END_STREAM) !== 0;
    if (stream === undefined) {
      this.#lateData(streamId, ends);
      return;
    }
    if (stream.remoteClosed) {
      this.#reset(stream, ErrorCode.STREAM_CLOSED); // RFC 9113 5.1, half-closed (remote)
      return;
    }
    stream.unreturnedBytes += length;
    if (stream.unreturnedBytes > STREAM_WINDOW_BYTES) {
      this.#reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
      return;
    }
    const size = to - from;
    if (!ends && size < TINY_DATA_BYTES) this.#spend(size === 0 ? FloodCost.EMPTY_FRAME : FloodCost.TINY_DATA);
    this.#deliverData(stream, bytes, from, to, ends);
  }

  #deliverData(stream: Http2Stream, bytes: Buffer, from: number, to: number, ends: boolean): void {
    stream.receivedBytes += to - from;
    const contentLength = stream.contentLength;
    if (
      contentLength >= 0 &&
      (stream.receivedBytes > contentLength || (ends && stream.receivedBytes < contentLength))
    ) {
      this.#reset(stream, ErrorCode.PROTOCOL_ERROR); // RFC 9113 8.1.1
      return;
    }
    if (ends) stream.remoteClosed = true;
    stream.receive(bytes, from, to, ends);
    if (!ends && !stream.gone && stream.unreturnedBytes >= STREAM_WINDOW_BYTES >> 1) {
      this.#buffer.writeUint32Frame(FrameType.WINDOW_UPDATE, stream.id, stream.unreturnedBytes);
      stream.unreturnedBytes = 0;
    }
  }

  /** RFC 9113 5.1, closed: what was under way when we reset the stream is dropped, anything else is an error. */
  #lateData(streamId: number, ends: boolean): void {
    this.#spend(FloodCost.LATE_FRAME);
    if (this.#closedStreams.has(streamId)) {
      if (ends) this.#closedStreams.delete(streamId);
      return;
    }
    this.#writeReset(streamId, ErrorCode.STREAM_CLOSED);
  }

  /** RFC 9113 6.2. */
  #onHeaders(bytes: Buffer, at: number, length: number, flags: number, streamId: number): void {
    let from = at;
    let to = at + length;
    if ((flags & Flag.PADDED) !== 0) {
      if (length === 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'HEADERS padding');
      to -= bytes[from++]!;
      if (to < from) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'HEADERS padding');
    }
    if ((flags & Flag.PRIORITY) !== 0) {
      if (to - from < 5) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'HEADERS priority');
      this.#assertOtherDependency(bytes, from, streamId);
      from += 5;
    }
    // RFC 9113 5.1.1: clients open odd streams
    if ((streamId & 1) === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'HEADERS on an even stream');
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#onHeaderBlock(bytes, from, to, streamId, endStream);
      return;
    }
    this.#openBlock = { streamId, endStream, parts: [Buffer.from(bytes.subarray(from, to))], bytes: to - from };
  }

  /** RFC 9113 6.10. The block is kept until it is whole, and limited. */
  #onContinuation(bytes: Uint8Array, at: number, length: number, flags: number): void {
    const block = this.#openBlock;
    if (block === undefined) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION without HEADERS');
    block.bytes += length;
    block.parts.push(Buffer.from(bytes.subarray(at, at + length)));
    if (block.bytes > this.host.limits.maxHeaderBlockBytes || block.parts.length > MAX_CONTINUATIONS + 1) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'header block too large');
    }
    if ((flags & Flag.END_HEADERS) === 0) return;
    this.#openBlock = undefined;
    const whole = Buffer.concat(block.parts);
    this.#onHeaderBlock(whole, 0, whole.length, block.streamId, block.endStream);
  }

  /** A whole header block: a request, or the trailers of one. It is decoded in any case, for HPACK's sake. */
  #onHeaderBlock(bytes: Buffer, from: number, to: number, streamId: number, endStream: boolean): void {
    const head = new RequestHead(this.host.limits.maxHeaderListBytes);
    this.#decoder.decode(bytes, from, to, head);
    if (head.tooLarge) {
      this.host.counts.headersTooLarge++;
      this.#spend(FloodCost.HEADERS_TOO_LARGE);
    }
    if (streamId > this.#lastStreamId) this.#onRequest(head, streamId, endStream);
    else this.#onTrailers(head, streamId, endStream);
  }

  #onRequest(head: RequestHead, streamId: number, endStream: boolean): void {
    this.#lastStreamId = streamId;
    if (this.#drain === 'final') {
      // RFC 9113 6.8: streams beyond the last one that GOAWAY named are ignored; the client retries them elsewhere
      this.#spend(FloodCost.REFUSED);
      this.#writeReset(streamId, ErrorCode.REFUSED_STREAM);
      return;
    }
    if (this.#streams.size >= this.host.limits.maxStreamsPerConnection) {
      this.host.counts.streamsRefused++;
      this.#spend(FloodCost.REFUSED);
      this.#writeReset(streamId, ErrorCode.REFUSED_STREAM); // RFC 9113 5.1.2
      return;
    }
    if (!head.tooLarge && (!head.complete || (endStream && head.contentLength > 0))) {
      this.#spend(FloodCost.REFUSED);
      this.#writeReset(streamId, ErrorCode.PROTOCOL_ERROR); // RFC 9113 8.1.1
      return;
    }
    const stream = new Http2Stream(this, streamId, head, this.output.initialWindow);
    this.#streams.add(stream);
    stream.remoteClosed = endStream;
    this.host.counts.calls++;
    if (head.tooLarge) stream.fail(HEADERS_TOO_LARGE);
    else this.#route(stream, head);
  }

  #route(stream: Http2Stream, head: RequestHead): void {
    const { methods } = this.host;
    const path = head.path!;
    if (head.method !== 'POST' || !isGrpcContentType(head.contentType)) {
      stream.startHttpAnswer(httpAnswerFor(head.method, head.contentType, path.value, methods)!);
      return;
    }
    // the field is shared by all calls that name it by its index: one look-up serves them all
    if (path.route === undefined) path.route = methods.get(path.value) ?? null;
    const method = path.route;
    if (method === null) stream.fail(unknownMethod(path.value, methods));
    else if (!isKnownEncoding(head.encoding)) stream.fail(unknownEncoding(head.encoding));
    else if (Number.isNaN(head.timeoutMs)) stream.fail(malformedTimeout(head.timeoutText));
    else stream.start(method);
  }

  /** RFC 9113 8.1: trailers end the request and have no pseudo-header fields. */
  #onTrailers(head: RequestHead, streamId: number, endStream: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (!this.#closedStreams.has(streamId)) {
        throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS on a closed stream'); // RFC 9113 5.1
      }
      this.#spend(FloodCost.LATE_FRAME);
      return;
    }
    if (stream.remoteClosed) {
      this.#reset(stream, ErrorCode.STREAM_CLOSED);
      return;
    }
    if (!endStream || head.malformed || head.hasPseudoHeader) {
      this.#spend(FloodCost.REFUSED);
      this.#reset(stream, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    this.#deliverData(stream, EMPTY, 0, 0, true);
  }

  /** RFC 9113 5.3.2: priorities are deprecated; the frame is checked and ignored (6.3). */
  #onPriority(bytes: Uint8Array, at: number, length: number, streamId: number): void {
    if (streamId === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PRIORITY on stream 0');
    if (length !== 5) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PRIORITY length');
    this.#assertOtherDependency(bytes, at, streamId);
    this.#spend(FloodCost.PRIORITY);
  }

  /** RFC 7540 5.3.1, which RFC 9113 has withdrawn: no client that works does it, and h2spec still asks. */
  #assertOtherDependency(bytes: Uint8Array, at: number, streamId: number): void {
    if (readUint31(bytes, at) === streamId) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a stream that depends on itself');
    }
  }

  /** RFC 9113 6.4. */
  #onReset(length: number, streamId: number): void {
    if (length !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'RST_STREAM length');
    if (streamId === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'RST_STREAM on stream 0');
    this.#assertNotIdle(streamId, 'RST_STREAM');
    const stream = this.#streams.get(streamId);
    this.#spend(FloodCost.RESET);
    if (stream === undefined) return;
    stream.cancel();
    this.#forget(stream);
  }

  /** RFC 9113 6.5. */
  #onSettings(bytes: Uint8Array, at: number, length: number, flags: number, streamId: number): void {
    if (streamId !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS on a stream');
    if ((flags & Flag.ACK) !== 0) {
      if (length !== 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS ACK length');
      if (!this.#settingsReceived) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS expected');
      return;
    }
    this.#spend(FloodCost.SETTINGS);
    this.#settingsReceived = true;
    readSettings(bytes, at, length, (id, value) => this.#applySetting(id, value));
    this.#buffer.writeBytes(SETTINGS_ACK);
  }

  #applySetting(id: number, value: number): void {
    if (id === Setting.INITIAL_WINDOW_SIZE) this.#moveWindows(value);
    else if (id === Setting.MAX_FRAME_SIZE) this.output.maxFrameBytes = sentFrameLimit(value);
    else if (id === Setting.HEADER_TABLE_SIZE) this.#encoder.setPeerTableBytes(value);
    else if (id === Setting.MAX_HEADER_LIST_SIZE) this.peerMaxHeaderListBytes = value;
  }

  /** RFC 9113 6.9.2: a new initial window moves the windows of all open streams, below zero too. */
  #moveWindows(initialWindow: number): void {
    const delta = initialWindow - this.output.initialWindow;
    this.output.initialWindow = initialWindow;
    if (delta === 0) return;
    this.#spend(this.#streams.size * FloodCost.WINDOW_UPDATE);
    for (const stream of this.#streams.all()) {
      stream.sendWindow += delta;
      if (stream.sendWindow > MAX_WINDOW) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'stream window');
      this.output.onWindowOpened(stream);
    }
    this.#schedule();
  }

  /** RFC 9113 6.7, and the enforcement of grpc/doc/keepalive.md. */
  #onPing(bytes: Uint8Array, at: number, length: number, flags: number, streamId: number): void {
    if (length !== 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'PING length');
    if (streamId !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PING on a stream');
    const payload = bytes.subarray(at, at + 8);
    if ((flags & Flag.ACK) !== 0) {
      if (this.#drain === 'announced' && DRAIN_PING.equals(payload)) this.#finalGoaway();
      return;
    }
    this.#spend(FloodCost.PING);
    if (this.output.dataFrames !== this.#dataFramesAtPing) this.#keepAlive.noteDataSent();
    this.#dataFramesAtPing = this.output.dataFrames;
    if (!this.#keepAlive.allowPing(this.host.nowMs, this.#streams.size > 0)) {
      this.host.counts.tooManyPings++;
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings');
    }
    this.#buffer.writeBytes(encodeFrame(FrameType.PING, Flag.ACK, 0, payload));
  }

  /** RFC 9113 6.8: the client will not open more streams; those that are open go on. */
  #onGoaway(length: number, streamId: number): void {
    if (streamId !== 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'GOAWAY on a stream');
    if (length < 8) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'GOAWAY length');
    this.#spend(FloodCost.UNKNOWN_FRAME);
  }

  /** RFC 9113 6.9. */
  #onWindowUpdate(bytes: Uint8Array, at: number, length: number, streamId: number): void {
    if (length !== 4) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'WINDOW_UPDATE length');
    const increment = readUint32(bytes, at) & MAX_WINDOW;
    this.#spend(FloodCost.WINDOW_UPDATE);
    if (streamId === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
      if (!this.output.widen(increment)) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'connection window');
      if (this.output.hasReady) this.#schedule();
      return;
    }
    this.#assertNotIdle(streamId, 'WINDOW_UPDATE');
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return; // RFC 9113 5.1: it may have been under way when the stream closed
    stream.sendWindow += increment;
    if (increment === 0) this.#reset(stream, ErrorCode.PROTOCOL_ERROR);
    else if (stream.sendWindow > MAX_WINDOW) this.#reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
    else if (stream.pending !== undefined) {
      this.output.onWindowOpened(stream);
      this.#schedule();
    }
  }

  /** RFC 9113 5.1, idle: only HEADERS and PRIORITY may come on a stream that was never opened. */
  #assertNotIdle(streamId: number, what: string): void {
    if (streamId > this.#lastStreamId || (streamId & 1) === 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${what} on an idle stream`);
    }
  }
}

const EMPTY = Buffer.alloc(0);
const SETTINGS_ACK = encodeFrame(FrameType.SETTINGS, Flag.ACK, 0, EMPTY);
