// What each kind of frame does to a connection and its streams (RFC 9113 section 6), and which frames may come when. Errors are thrown as
// ConnectionError, which end the connection, or reset their stream. One per connection. Main loop.

import type { Http2Connection } from './connection.ts';
import type { ConnectionHost } from './connection-host.ts';
import { ConnectionError, ErrorCode } from './errors.ts';
import { FloodCost, type FloodGuard } from './flood-guard.ts';
import { CONNECTION_WINDOW_BYTES, MAX_WINDOW, ReceiveWindow, STREAM_WINDOW_BYTES } from './flow-control.ts';
import { encodeFrame, Flag, FrameType, readUint31 } from './frame.ts';
import type { FrameReceiver } from './frame-reader.ts';
import { assertOtherDependency, assertWellFormed, paddedEnd } from './frame-rules.ts';
import type { Goaway } from './goaway.ts';
import { HeaderBlockReader, type HeaderBlockReceiver } from './header-block-reader.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import type { HpackEncoder } from './hpack-encoder.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { OpenStreams } from './open-streams.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { type OutputQueue, sentFrameLimit } from './output-queue.ts';
import { RequestHead } from './request-head.ts';
import { readSettings, Setting } from './settings.ts';
import { Http2Stream } from './stream.ts';

/** DATA frames smaller than this that do not end a request count as tiny. */
const TINY_DATA_BYTES = 64;
const EMPTY = Buffer.alloc(0);
const SETTINGS_ACK = encodeFrame(FrameType.SETTINGS, Flag.ACK, 0, EMPTY);

/** Of its connection. */
export interface FrameHandlerParts {
  readonly buffer: OutputBuffer;
  readonly encoder: HpackEncoder;
  readonly streams: OpenStreams;
  readonly keepAlive: KeepAlive;
  readonly goaway: Goaway;
  readonly flood: FloodGuard;
}

export class FrameHandler implements FrameReceiver, HeaderBlockReceiver {
  /** The client has said its settings, which come first. */
  settingsReceived = false;
  /** The highest that the client opened. */
  lastStreamId = 0;
  readonly #connection: Http2Connection;
  readonly #host: ConnectionHost;
  readonly #output: OutputQueue;
  readonly #buffer: OutputBuffer;
  readonly #encoder: HpackEncoder;
  readonly #streams: OpenStreams;
  readonly #keepAlive: KeepAlive;
  readonly #goaway: Goaway;
  readonly #flood: FloodGuard;
  readonly #decoder: HpackDecoder;
  readonly #headerBlocks: HeaderBlockReader;
  readonly #receiveWindow = new ReceiveWindow(CONNECTION_WINDOW_BYTES);
  /** Where the output queue's count of DATA frames stood at the last ping. */
  #dataFramesAtPing = 0;

  constructor(connection: Http2Connection, parts: FrameHandlerParts) {
    const { host } = connection;
    this.#connection = connection;
    this.#host = host;
    this.#output = connection.output;
    this.#buffer = parts.buffer;
    this.#encoder = parts.encoder;
    this.#streams = parts.streams;
    this.#keepAlive = parts.keepAlive;
    this.#goaway = parts.goaway;
    this.#flood = parts.flood;
    this.#decoder = new HpackDecoder(host.fields);
    this.#headerBlocks = new HeaderBlockReader(this, host.limits.maxHeaderBlockBytes);
  }

  get reading(): boolean {
    return !this.#connection.closed;
  }

  /** Forgets the header block that is not complete. */
  discard(): void {
    this.#headerBlocks.discard();
  }

  #spend(points: number): void {
    if (!this.#flood.spend(points, this.#host.nowMs)) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too many frames that carry no request on');
    }
  }

  onFrame(bytes: Uint8Array, at: number, length: number, type: number, flags: number, streamId: number): void {
    this.#headerBlocks.assertMayFollow(type, streamId);
    if (!this.settingsReceived && type !== FrameType.SETTINGS) {
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
      this.#streams.reset(stream, ErrorCode.STREAM_CLOSED); // RFC 9113 5.1, half-closed (remote)
      return;
    }
    stream.unreturnedBytes += length;
    if (stream.unreturnedBytes > STREAM_WINDOW_BYTES) {
      this.#streams.reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
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
      this.#streams.reset(stream, ErrorCode.PROTOCOL_ERROR); // RFC 9113 8.1.1
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
    if (this.#streams.wasReset(streamId)) {
      if (ends) this.#streams.noteEnd(streamId);
      return;
    }
    this.#streams.writeReset(streamId, ErrorCode.STREAM_CLOSED);
  }

  /** A whole header block: a request, or the trailers of one. It is decoded in any case, for HPACK's sake. */
  onHeaderBlock(bytes: Buffer, from: number, to: number, streamId: number, endStream: boolean): void {
    const head = new RequestHead(this.#host.limits.maxHeaderListBytes);
    this.#decoder.decode(bytes, from, to, head);
    if (head.tooLarge) {
      this.#host.counts.headersTooLarge++;
      this.#spend(FloodCost.HEADERS_TOO_LARGE);
    }
    if (streamId > this.lastStreamId) this.#onRequest(head, streamId, endStream);
    else this.#onTrailers(head, streamId, endStream);
  }

  #onRequest(head: RequestHead, streamId: number, endStream: boolean): void {
    this.lastStreamId = streamId;
    if (this.#goaway.final) {
      // RFC 9113 6.8: streams beyond the last one that GOAWAY named are ignored; the client retries them elsewhere
      this.#spend(FloodCost.REFUSED);
      this.#streams.writeReset(streamId, ErrorCode.REFUSED_STREAM);
      return;
    }
    if (this.#streams.size >= this.#host.limits.maxStreamsPerConnection) {
      this.#host.counts.streamsRefused++;
      this.#spend(FloodCost.REFUSED);
      this.#streams.writeReset(streamId, ErrorCode.REFUSED_STREAM); // RFC 9113 5.1.2
      return;
    }
    if (!head.tooLarge && (!head.complete || (endStream && head.contentLength > 0))) {
      this.#spend(FloodCost.REFUSED);
      this.#streams.writeReset(streamId, ErrorCode.PROTOCOL_ERROR); // RFC 9113 8.1.1
      return;
    }
    const stream = new Http2Stream(this.#connection, streamId, head, this.#output.initialWindow);
    this.#streams.add(stream);
    stream.remoteClosed = endStream;
    this.#host.counts.calls++;
    stream.begin(head.tooLarge);
  }

  /** RFC 9113 8.1: trailers end the request and have no pseudo-header fields. */
  #onTrailers(head: RequestHead, streamId: number, endStream: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (!this.#streams.wasReset(streamId)) {
        throw new ConnectionError(ErrorCode.STREAM_CLOSED, 'HEADERS on a closed stream'); // RFC 9113 5.1
      }
      this.#spend(FloodCost.LATE_FRAME);
      return;
    }
    if (stream.remoteClosed) {
      this.#streams.reset(stream, ErrorCode.STREAM_CLOSED);
      return;
    }
    if (!endStream || head.malformed || head.hasPseudoHeader) {
      this.#spend(FloodCost.REFUSED);
      this.#streams.reset(stream, ErrorCode.PROTOCOL_ERROR);
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
    this.#streams.cancel(stream);
  }

  /** RFC 9113 6.5. */
  #onSettings(bytes: Uint8Array, at: number, length: number, flags: number): void {
    if ((flags & Flag.ACK) !== 0) {
      if (!this.settingsReceived) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'SETTINGS expected');
      return;
    }
    this.#spend(FloodCost.SETTINGS);
    this.settingsReceived = true;
    readSettings(bytes, at, length, (id, value) => this.#applySetting(id, value));
    this.#buffer.writeBytes(SETTINGS_ACK);
  }

  #applySetting(id: number, value: number): void {
    if (id === Setting.INITIAL_WINDOW_SIZE) this.#moveWindows(value);
    else if (id === Setting.MAX_FRAME_SIZE) this.#output.maxFrameBytes = sentFrameLimit(value);
    else if (id === Setting.HEADER_TABLE_SIZE) this.#encoder.setPeerTableBytes(value);
    else if (id === Setting.MAX_HEADER_LIST_SIZE) this.#connection.peerMaxHeaderListBytes = value;
  }

  /** RFC 9113 6.9.2: a new initial window moves the windows of all open streams, below zero too. */
  #moveWindows(initialWindow: number): void {
    const delta = initialWindow - this.#output.initialWindow;
    this.#output.initialWindow = initialWindow;
    if (delta === 0) return;
    this.#spend(this.#streams.size * FloodCost.WINDOW_UPDATE);
    for (const stream of this.#streams.all()) {
      stream.sendWindow += delta;
      if (stream.sendWindow > MAX_WINDOW) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'stream window');
      this.#output.onWindowOpened(stream);
    }
    this.#connection.scheduleFlush();
  }

  /** RFC 9113 6.7, and the enforcement of grpc/doc/keepalive.md. */
  #onPing(payload: Uint8Array, flags: number): void {
    if ((flags & Flag.ACK) !== 0) {
      if (this.#goaway.isFinalDue(payload, this.#host.nowMs)) this.#connection.finishDrain();
      return;
    }
    this.#spend(FloodCost.PING);
    if (this.#output.dataFrames !== this.#dataFramesAtPing) this.#keepAlive.noteDataSent();
    this.#dataFramesAtPing = this.#output.dataFrames;
    if (!this.#keepAlive.allowPing(this.#host.nowMs, this.#streams.size > 0)) {
      this.#host.counts.tooManyPings++;
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'too_many_pings');
    }
    this.#buffer.writeBytes(encodeFrame(FrameType.PING, Flag.ACK, 0, payload));
  }

  /** RFC 9113 6.9. */
  #onWindowUpdate(increment: number, streamId: number): void {
    this.#spend(FloodCost.WINDOW_UPDATE);
    if (streamId === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
      if (!this.#output.widen(increment)) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'connection window');
      if (this.#output.hasReady) this.#connection.scheduleFlush();
      return;
    }
    this.#assertNotIdle(streamId, 'WINDOW_UPDATE');
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return; // RFC 9113 5.1: it may have been under way when the stream closed
    stream.sendWindow += increment;
    if (increment === 0) this.#streams.reset(stream, ErrorCode.PROTOCOL_ERROR);
    else if (stream.sendWindow > MAX_WINDOW) this.#streams.reset(stream, ErrorCode.FLOW_CONTROL_ERROR);
    else if (stream.pending !== undefined) {
      this.#output.onWindowOpened(stream);
      this.#connection.scheduleFlush();
    }
  }

  /** RFC 9113 5.1, idle: only HEADERS and PRIORITY may come on a stream that was never opened. */
  #assertNotIdle(streamId: number, what: string): void {
    if (streamId > this.lastStreamId || (streamId & 1) === 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${what} on an idle stream`);
    }
  }
}
