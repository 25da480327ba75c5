// One HTTP/2 connection (RFC 9113): takes frames from the reader, keeps the states of its streams, and says what the server
// has to say. Errors in frames are thrown as ConnectionError and end in GOAWAY here. Created by server.ts. Main loop.
// Longer than other files, because it is one state machine: each kind of frame is one short method on the same state.

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CONNECTION_AGED, SHUTTING_DOWN } from '../grpc/routing.ts';
import type { Peer, RpcStatus } from '../handler.ts';
import { peerAddress, peerCertificate } from '../peer.ts';
import { BackPressure, type BackPressureOwner } from './back-pressure.ts';
import { ClosedStreams } from './closed-streams.ts';
import type { ConnectionHost } from './connection-host.ts';
import { ConnectionError, ErrorCode } from './errors.ts';
import { FloodCost, FloodGuard } from './flood-guard.ts';
import { CONNECTION_WINDOW_BYTES, MAX_WINDOW, ReceiveWindow, STREAM_WINDOW_BYTES } from './flow-control.ts';
import { encodeFrame, Flag, FrameType, readUint31 } from './frame.ts';
import { FrameReader, type FrameReceiver } from './frame-reader.ts';
import { assertOtherDependency, assertWellFormed, paddedEnd } from './frame-rules.ts';
import { Goaway } from './goaway.ts';
import { HeaderBlockReader, type HeaderBlockReceiver } from './header-block-reader.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import { http1Answer } from './http1-answer.ts';
import { KeepAlive } from './keep-alive.ts';
import { Linger } from './linger.ts';
import { type FlushOwner, OutputBuffer } from './output-buffer.ts';
import { OutputQueue, sentFrameLimit } from './output-queue.ts';
import { PrefaceReader, writeOwnPreface } from './preface.ts';
import { RequestHead } from './request-head.ts';
import { readSettings, Setting } from './settings.ts';
import { Http2Stream } from './stream.ts';
import { StreamTable } from './stream-table.ts';

/** The socket is not read while it holds this much unsent: a peer that asks without listening gets no further. */
const PAUSE_BACKLOG_BYTES = 1024 * 1024;
/** DATA frames smaller than this that do not end a request count as tiny. */
const TINY_DATA_BYTES = 64;
/** Tells the answer to a keep-alive ping from others. */
const KEEP_ALIVE_PING = Buffer.from('ostinato');

export class Http2Connection implements FrameReceiver, HeaderBlockReceiver, FlushOwner, BackPressureOwner {
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
  readonly #encoder = new HpackEncoder();
  readonly #decoder: HpackDecoder;
  readonly #preface = new PrefaceReader();
  readonly #reader = new FrameReader(this);
  readonly #headerBlocks: HeaderBlockReader;
  readonly #streams = new StreamTable<Http2Stream>();
  readonly #closedStreams = new ClosedStreams();
  readonly #receiveWindow = new ReceiveWindow(CONNECTION_WINDOW_BYTES);
  readonly #flood: FloodGuard;
  readonly #keepAlive: KeepAlive;
  readonly #linger: Linger;
  readonly #acceptedMs: number;
  #peer: Peer | undefined;
  #settingsReceived = false;
  #lastStreamId = 0;
  readonly #goaway: Goaway;
  #paused = false;
  #inRead = false;
  /** Where the output queue's count of DATA frames stood at the last ping. */
  #dataFramesAtPing = 0;

  constructor(host: ConnectionHost, socket: Socket, encrypted: boolean) {
    this.host = host;
    this.#socket = socket;
    this.#decoder = new HpackDecoder(host.fields);
    this.#acceptedMs = host.readClock();
    this.#flood = new FloodGuard(this.#acceptedMs);
    this.#keepAlive = new KeepAlive(host.limits.keepAlive, this.#acceptedMs, Math.random);
    this.#buffer = new OutputBuffer(socket, host.slabs, encrypted, this);
    this.#goaway = new Goaway(this.#buffer);
    this.#linger = new Linger(socket);
    this.#headerBlocks = new HeaderBlockReader(this, host.limits.maxHeaderBlockBytes);
    this.pressure = new BackPressure(host, this);
    this.output = new OutputQueue(this.#buffer, this.#encoder, this.pressure);
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
    if (!this.#settingsReceived) {
      if (nowMs - this.#acceptedMs < limits.handshakeTimeoutMs) return;
      counts.handshakeTimeouts++;
      this.#fatal(ErrorCode.SETTINGS_TIMEOUT, 'no SETTINGS');
      return;
    }
    if (this.#goaway.isFinalDue(undefined, nowMs)) this.#finalGoaway();
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
    if (!this.#settingsReceived) {
      this.#fatal(ErrorCode.NO_ERROR, reason);
      return;
    }
    this.#goaway.announce(reason, this.host.readClock());
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
    this.#goaway.send(this.#lastStreamId, code, message);
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
    for (const stream of this.#streams.all()) {
      stream.cancel();
      this.#forget(stream);
    }
    this.pressure.discard();
    this.#headerBlocks.discard();
  }

  #finalGoaway(): void {
    this.#goaway.finish(this.#lastStreamId);
    if (this.#streams.size === 0) this.#closeDrained();
  }

  #closeDrained(): void {
    if (!this.closed) this.#closeGently();
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
    if (this.#goaway.final) this.#closeDrainedSoon();
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
    this.#headerBlocks.assertMayFollow(type, streamId);
    if (!this.#settingsReceived && type !== FrameType.SETTINGS) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS expected'); // RFC 9113 3.4
    }
    assertWellFormed(type, length, flags, streamId);
    switch (type) {
      case FrameType.DATA:
        this.#onDataFrame(bytes as Buffer, at, length, flags, streamId);
        break;
      case FrameType.HEADERS:
        this.#headerBlocks.onHeaders(bytes as Buffer, at, length, flags, streamId);
        break;
      case FrameType.PRIORITY:
        this.#spend(FloodCost.PRIORITY); // RFC 9113 5.3.2: priorities are deprecated, and ignored
        assertOtherDependency(bytes, at, streamId);
        break;
      case FrameType.RST_STREAM:
        this.#onReset(streamId);
        break;
      case FrameType.SETTINGS:
        this.#onSettings(bytes, at, length, flags);
        break;
      case FrameType.PING:
        this.#onPing(bytes.subarray(at, at + length), flags);
        break;
      case FrameType.GOAWAY:
        this.#spend(FloodCost.UNKNOWN_FRAME); // RFC 9113 6.8: the client opens no more; what is open goes on
        break;
      case FrameType.WINDOW_UPDATE:
        this.#onWindowUpdate(readUint31(bytes, at), streamId);
        break;
      case FrameType.CONTINUATION:
        this.#headerBlocks.onContinuation(bytes, at, length, flags);
        break;
      default:
        this.#spend(FloodCost.UNKNOWN_FRAME); // RFC 9113 4.1: unknown types are ignored
    }
  }

  /** RFC 9113 6.1. */
  #onDataFrame(bytes: Buffer, at: number, length: number, flags: number, streamId: number): void {
    this.#assertNotIdle(streamId, 'DATA');
    let from = at;
    let to = at + length;
    if ((flags & Flag.PADDED) !== 0) {
      to = paddedEnd(bytes, at, length);
      from++;
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

  /** A whole header block: a request, or the trailers of one. It is decoded in any case, for HPACK's sake. */
  onHeaderBlock(bytes: Buffer, from: number, to: number, streamId: number, endStream: boolean): void {
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
    if (this.#goaway.final) {
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
    stream.begin(head.tooLarge);
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

  /** RFC 9113 6.4. */
  #onReset(streamId: number): void {
    this.#assertNotIdle(streamId, 'RST_STREAM');
    const stream = this.#streams.get(streamId);
    this.#spend(FloodCost.RESET);
    if (stream === undefined) return;
    stream.cancel();
    this.#forget(stream);
  }

  /** RFC 9113 6.5. */
  #onSettings(bytes: Uint8Array, at: number, length: number, flags: number): void {
    if ((flags & Flag.ACK) !== 0) {
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
    this.scheduleFlush();
  }

  /** RFC 9113 6.7, and the enforcement of grpc/doc/keepalive.md. */
  #onPing(payload: Uint8Array, flags: number): void {
    if ((flags & Flag.ACK) !== 0) {
      if (this.#goaway.isFinalDue(payload, this.host.nowMs)) this.#finalGoaway();
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

  /** RFC 9113 6.9. */
  #onWindowUpdate(increment: number, streamId: number): void {
    this.#spend(FloodCost.WINDOW_UPDATE);
    if (streamId === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
      if (!this.output.widen(increment)) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'connection window');
      if (this.output.hasReady) this.scheduleFlush();
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
      this.scheduleFlush();
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
