// Replies of one connection under the peer's flow control (RFC 9113 sections 5.2 and 6.9): what fits its windows goes out at
// once, the rest waits and is sent a quantum per stream in turn. Owns the connection's send window. Main loop.

import { MESSAGE_PREFIX_BYTES, messagePrefix } from '../grpc/message-reader.ts';
import type { HeaderPairs } from '../grpc/trailers.ts';
import { DEFAULT_WINDOW_BYTES, MAX_WINDOW } from './flow-control.ts';
import { DEFAULT_MAX_FRAME_BYTES, Flag, FRAME_HEAD_BYTES, FrameType, writeFrameHead, writeUint32 } from './frame.ts';
import type { HpackEncoder } from './hpack-encoder.ts';
import { type OutputBuffer, putFrame, SLAB_BYTES } from './output-buffer.ts';

/** Bytes given to the socket ahead of the kernel. More only hides that the peer is slow. */
const MAX_BACKLOG_BYTES = 512 * 1024;
/** A stream's share before the next has its turn. */
const QUANTUM_BYTES = 64 * 1024;
/** Largest DATA frame we send, whatever the peer allows: two fit a slab. */
const MAX_SENT_FRAME_BYTES = 31 * 1024;
/** Unsent bytes at which `write` tells a streaming handler to wait. */
const STREAM_HIGH_WATER_BYTES = 64 * 1024;
/** A queued message that is a view of memory this many times its size is copied, lest it keep all of that alive. */
const MAX_PINNED_FACTOR = 4;

/** How a reply ends: with trailers, or with the last DATA frame (answers that are not gRPC). */
export type ReplyEnd = { readonly trailers: HeaderPairs | 'ok' } | 'data';

/** What of a stream waits for the peer. */
export interface PendingReply {
  readonly parts: Uint8Array[];
  /** Position within the first part. */
  offset: number;
  bytes: number;
  end: ReplyEnd | undefined;
}

/** The stream, as far as sending goes. */
export interface Sender {
  readonly id: number;
  sendWindow: number;
  pending: PendingReply | undefined;
  /** Its last frame was written. */
  onSent(): void;
  /** It had pending output, and has none any more; more may be written. */
  onWritable(): void;
}

/** Told how the number of bytes that wait changes. */
export interface PendingOutputListener {
  countPendingOutput(delta: number): void;
}

export class OutputQueue {
  sendWindow = DEFAULT_WINDOW_BYTES;
  initialWindow = DEFAULT_WINDOW_BYTES;
  maxFrameBytes = DEFAULT_MAX_FRAME_BYTES;
  /** Bytes of replies that wait. */
  pendingBytes = 0;
  /** Grows with each byte that no longer waits. */
  movedBytes = 0;
  /** DATA frames sent. */
  dataFrames = 0;
  readonly #buffer: OutputBuffer;
  readonly #encoder: HpackEncoder;
  readonly #listener: PendingOutputListener;
  /** Streams with output and an open window, in the order of their turns. */
  readonly #ready = new Set<Sender>();

  constructor(buffer: OutputBuffer, encoder: HpackEncoder, listener: PendingOutputListener) {
    this.#buffer = buffer;
    this.#encoder = encoder;
    this.#listener = listener;
  }

  /** A whole unary reply: head, message, trailers. `extra` are response headers beyond the usual. */
  sendUnary(sender: Sender, message: Uint8Array, compressed: boolean, extra: HeaderPairs | undefined): void {
    const length = message.length + MESSAGE_PREFIX_BYTES;
    if (extra !== undefined || !this.#fitsNow(sender, length)) {
      this.sendHead(sender.id, extra);
      this.#enqueue(sender, message, compressed);
      this.#end(sender, { trailers: 'ok' });
      return;
    }
    const head = this.#encoder.takeHead();
    const trailers = this.#encoder.takeOkTrailers();
    const buffer = this.#buffer;
    buffer.reserve(3 * FRAME_HEAD_BYTES + head.length + length + trailers.length);
    const slab = buffer.slab;
    let at = putFrame(slab, buffer.at, FrameType.HEADERS, Flag.END_HEADERS, sender.id, head);
    at = this.#putMessage(slab, at, sender, message, compressed);
    buffer.at = putFrame(slab, at, FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, sender.id, trailers);
    sender.onSent();
  }

  /** Response headers that more will follow. */
  sendHead(streamId: number, extra: HeaderPairs | undefined): void {
    let block = this.#encoder.takeHead();
    if (extra !== undefined) block = Buffer.concat([block, this.#encoder.takeLiterals(extra)]);
    this.#buffer.writeHeaderBlock(streamId, block, this.maxFrameBytes, 0, Flag.END_HEADERS);
  }

  /** A reply of headers only: "Trailers-Only" of gRPC. */
  sendTrailersOnly(sender: Sender, trailers: HeaderPairs): void {
    const block = Buffer.concat([this.#encoder.takeHead(), this.#encoder.takeLiterals(trailers)]);
    this.#buffer.writeHeaderBlock(sender.id, block, this.maxFrameBytes, Flag.END_STREAM, Flag.END_HEADERS);
    sender.onSent();
  }

  /** An answer that is not gRPC. */
  sendPlain(sender: Sender, headers: HeaderPairs, body: Uint8Array): void {
    const flags = body.length === 0 ? Flag.END_STREAM : 0;
    const block = this.#encoder.takeLiterals(headers);
    this.#buffer.writeHeaderBlock(sender.id, block, this.maxFrameBytes, flags, Flag.END_HEADERS);
    if (body.length === 0) {
      sender.onSent();
      return;
    }
    this.#add(sender, body);
    this.#end(sender, 'data');
  }

  /** One message of a stream; its head is sent. Returns whether the handler may go on. */
  sendMessage(sender: Sender, message: Uint8Array, compressed: boolean): boolean {
    const length = message.length + MESSAGE_PREFIX_BYTES;
    if (sender.pending === undefined && this.#fitsNow(sender, length)) {
      this.#buffer.reserve(FRAME_HEAD_BYTES + length);
      this.#buffer.at = this.#putMessage(this.#buffer.slab, this.#buffer.at, sender, message, compressed);
      return true;
    }
    this.#enqueue(sender, message, compressed);
    return sender.pending!.bytes < STREAM_HIGH_WATER_BYTES;
  }

  /** Trailers of a stream whose head is sent; after what waits. */
  sendEnd(sender: Sender, trailers: HeaderPairs | 'ok'): void {
    this.#end(sender, { trailers });
  }

  /** Drops what a stream still had to send. */
  drop(sender: Sender): void {
    const pending = sender.pending;
    if (pending === undefined) return;
    sender.pending = undefined;
    this.#ready.delete(sender);
    this.#changePending(-pending.bytes);
  }

  /** WINDOW_UPDATE of the connection. False when the window grows too large (RFC 9113 6.9.1). */
  widen(bytes: number): boolean {
    this.sendWindow += bytes;
    return this.sendWindow <= MAX_WINDOW;
  }

  /** A stream's window grew, by WINDOW_UPDATE or by a setting. */
  onWindowOpened(sender: Sender): void {
    if (sender.pending !== undefined && sender.sendWindow > 0) this.#ready.add(sender);
  }

  get hasReady(): boolean {
    return this.#ready.size > 0 && this.sendWindow > 0;
  }

  /** Sends what the windows and the socket allow, a quantum for each stream in turn. */
  pump(): void {
    const buffer = this.#buffer;
    while (this.#ready.size > 0 && this.sendWindow > 0 && buffer.backlogBytes + buffer.at < MAX_BACKLOG_BYTES) {
      const sender = this.#ready.values().next().value!;
      this.#ready.delete(sender);
      this.#pumpOne(sender);
    }
  }

  /** Whether `length` bytes may leave at once, in one frame. */
  #fitsNow(sender: Sender, length: number): boolean {
    return (
      length <= sender.sendWindow &&
      length <= this.sendWindow &&
      length <= this.maxFrameBytes &&
      this.#ready.size === 0 &&
      this.#buffer.backlogBytes < MAX_BACKLOG_BYTES
    );
  }

  #putMessage(slab: Uint8Array, from: number, sender: Sender, message: Uint8Array, compressed: boolean): number {
    const length = message.length + MESSAGE_PREFIX_BYTES;
    sender.sendWindow -= length;
    this.sendWindow -= length;
    this.dataFrames++;
    writeFrameHead(slab, from, length, FrameType.DATA, 0, sender.id);
    const at = from + FRAME_HEAD_BYTES;
    slab[at] = compressed ? 1 : 0;
    writeUint32(slab, at + 1, message.length);
    slab.set(message, at + MESSAGE_PREFIX_BYTES);
    return at + length;
  }

  #enqueue(sender: Sender, message: Uint8Array, compressed: boolean): void {
    this.#add(sender, messagePrefix(message.length, compressed));
    if (message.length === 0) return;
    const pinned = message.buffer.byteLength > message.length * MAX_PINNED_FACTOR;
    this.#add(sender, pinned ? Buffer.from(message) : message);
  }

  #add(sender: Sender, part: Uint8Array): void {
    sender.pending ??= { parts: [], offset: 0, bytes: 0, end: undefined };
    sender.pending.parts.push(part);
    sender.pending.bytes += part.length;
    this.#changePending(part.length);
    this.#wake(sender);
  }

  #end(sender: Sender, end: ReplyEnd): void {
    if (sender.pending === undefined) {
      this.#writeEnd(sender, end);
      return;
    }
    sender.pending.end = end;
  }

  #wake(sender: Sender): void {
    if (sender.sendWindow > 0) this.#ready.add(sender);
    this.#buffer.reserve(0); // pumped at the end of the turn
  }

  #pumpOne(sender: Sender): void {
    const pending = sender.pending!;
    let quantum = QUANTUM_BYTES;
    while (quantum > 0 && pending.bytes > 0) {
      const length = Math.min(pending.bytes, this.maxFrameBytes, this.sendWindow, sender.sendWindow);
      if (length <= 0) break;
      const endsStream = length === pending.bytes && pending.end === 'data';
      this.#writeData(sender, pending, length, endsStream ? Flag.END_STREAM : 0);
      quantum -= length;
    }
    if (pending.bytes > 0) {
      if (sender.sendWindow > 0) this.#ready.add(sender);
      return;
    }
    sender.pending = undefined;
    if (pending.end === undefined) sender.onWritable();
    else if (pending.end === 'data') sender.onSent();
    else this.#writeEnd(sender, pending.end);
  }

  /** One DATA frame, gathered from as many parts as it takes. */
  #writeData(sender: Sender, pending: PendingReply, length: number, flags: number): void {
    const buffer = this.#buffer;
    buffer.reserve(FRAME_HEAD_BYTES + length);
    writeFrameHead(buffer.slab, buffer.at, length, FrameType.DATA, flags, sender.id);
    let at = buffer.at + FRAME_HEAD_BYTES;
    const end = at + length;
    while (at < end) {
      const part = pending.parts[0]!;
      const take = Math.min(part.length - pending.offset, end - at);
      buffer.slab.set(part.subarray(pending.offset, pending.offset + take), at);
      at += take;
      pending.offset += take;
      if (pending.offset === part.length) {
        pending.parts.shift();
        pending.offset = 0;
      }
    }
    buffer.at = end;
    pending.bytes -= length;
    sender.sendWindow -= length;
    this.sendWindow -= length;
    this.movedBytes += length;
    this.dataFrames++;
    this.#changePending(-length);
  }

  #writeEnd(sender: Sender, end: ReplyEnd): void {
    if (end === 'data') {
      this.#buffer.writeFrame(FrameType.DATA, Flag.END_STREAM, sender.id, new Uint8Array(0));
    } else {
      const trailers = end.trailers;
      const block = trailers === 'ok' ? this.#encoder.takeOkTrailers() : this.#encoder.takeLiterals(trailers);
      this.#buffer.writeHeaderBlock(sender.id, block, this.maxFrameBytes, Flag.END_STREAM, Flag.END_HEADERS);
    }
    sender.onSent();
  }

  #changePending(delta: number): void {
    this.pendingBytes += delta;
    this.#listener.countPendingOutput(delta);
  }
}

/** The frame size to use towards a peer that allows `bytes`. */
export function sentFrameLimit(bytes: number): number {
  return Math.min(bytes, MAX_SENT_FRAME_BYTES, SLAB_BYTES / 2);
}
