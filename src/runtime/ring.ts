// A bounded byte ring between two threads: one writes, one reads, nobody locks. Link (link.ts) is its only user.
//
//  SharedArrayBuffer
//  byte 0        64        128       192       256                                        256 + capacity
//       | tail   | head    | waiting | parcels | frames ...............................................|
//
//  word     writer         reader         order
//  tail     writing side   reading side   Atomics.store after the frames' bytes: who sees the tail sees the bytes
//  head     reading side   writing side   Atomics.store after the bytes were copied out: who sees the head may overwrite
//  waiting  both           both           1: the writer found the ring full and wants its doorbell rung; set before the writer
//                                         looks at head again, taken (exchange) by the reader after it stored head
//  parcels  both           both           Atomics.add/sub: KiB that travel beside the ring on the message port
//
// Words sit on cache lines of their own. tail and head count bytes modulo 2^32; capacity is a power of two, so
// `position & (capacity - 1)` is the offset, `(tail - head) >>> 0` the fill. A frame starts at a multiple of HEADER_BYTES, so
// that a header never straddles the end; a body may, and is copied in two parts.
//
//  frame: 0 u32 body length | 4 u8 kind, u8 service, u16 method | 8 u32 correlation id | 12 i32 shard id | 16 f64 deadline
//         | 24 u32 flags | 28 unused | 32 body, padded to a multiple of HEADER_BYTES
//
// A writer that finds the ring empty far from its start begins again there: a header with FLAG_REWIND sends the reader after it. So frames
// stay in the same few pages and cache lines unless they wait; a ring that was written round and round has all its pages for good.
//
// Bodies too large for the ring go over a MessagePort, posted before their header enters the ring: when the reader meets the
// header the message is there (receiveMessageOnPort), so the order of frames holds.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { invariant } from '../base/invariant.ts';
import type { FrameHeader, FrameKind } from './frame.ts';

const TAIL_WORD = 0;
const HEAD_WORD = 16;
const WAITING_WORD = 32;
const PARCELS_WORD = 48;
const FRAMES_OFFSET = 256;
const HEADER_BYTES = 32;
const FLAG_PARCEL = 1;
/** No frame: the next one lies at the start of the ring. */
const FLAG_REWIND = 2;

/** How far from its start an empty ring is used: well above what one turn writes under light load, well below a core's own cache. */
const REWIND_BYTES = 64 * 1024;

/** Bodies above this part of the ring go by port: four of the largest always fit. */
const PARCEL_FRACTION = 4;

/** KiB under way beside one ring before its writer is told to wait: two messages of the largest size that gRPC accepts. */
const MAX_PARCEL_KIB = 256 * 1024;

/** Below this a loop beats TypedArray.set on a fresh view (native-free-bench/micro/ring, Node 26). */
const EMPTY = Buffer.alloc(0);

/** What both ends are made from; survives postMessage. */
export interface RingMemory {
  readonly shared: SharedArrayBuffer;
}

/** `capacityBytes` must be a power of two. */
export function createRingMemory(capacityBytes: number): RingMemory {
  invariant(capacityBytes >= 1024 && (capacityBytes & (capacityBytes - 1)) === 0, 'ring capacity is a power of two');
  return { shared: new SharedArrayBuffer(FRAMES_OFFSET + capacityBytes) };
}

export class RingWriter {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #port: MessagePort;
  readonly #capacity: number;
  readonly #mask: number;
  /** Where the next frame goes; ahead of the shared tail until publish(). */
  #tail: number;
  #published: number;
  /** The reader's head as last seen. */
  #head: number;

  constructor(memory: RingMemory, port: MessagePort) {
    const { shared } = memory;
    this.#capacity = shared.byteLength - FRAMES_OFFSET;
    this.#mask = this.#capacity - 1;
    this.#control = new Int32Array(shared, 0, FRAMES_OFFSET / 4);
    this.#words = new Int32Array(shared, FRAMES_OFFSET);
    this.#doubles = new Float64Array(shared, FRAMES_OFFSET);
    this.#bytes = new Uint8Array(shared, FRAMES_OFFSET);
    this.#port = port;
    this.#tail = Atomics.load(this.#control, TAIL_WORD);
    this.#published = this.#tail;
    this.#head = Atomics.load(this.#control, HEAD_WORD);
  }

  get capacityBytes(): number {
    return this.#capacity;
  }

  /** Bytes that wait for the reader, published or not. */
  depthBytes(): number {
    return (this.#tail - Atomics.load(this.#control, HEAD_WORD)) >>> 0;
  }

  /** Copies the frame in. False when there is no room now: nothing was written. The reader sees it after publish(). */
  write(header: FrameHeader, body: Uint8Array): boolean {
    const parcel = body.length > this.#capacity / PARCEL_FRACTION;
    const bodyBytes = parcel ? 0 : body.length;
    const frameBytes = HEADER_BYTES + ((bodyBytes + HEADER_BYTES - 1) & -HEADER_BYTES);
    if (this.#tail === this.#published) this.#rewindIfEmpty(frameBytes);
    if (!this.#hasRoom(frameBytes)) return false;
    if (parcel && !this.#post(body)) return false;

    const offset = (this.#tail & this.#mask) >>> 0;
    const word = offset >>> 2;
    const words = this.#words;
    words[word] = bodyBytes;
    words[word + 1] = header.kind | (header.service << 8) | (header.method << 16);
    words[word + 2] = header.correlationId;
    words[word + 3] = header.shardId;
    this.#doubles[(offset + 16) >>> 3] = header.deadlineMs;
    words[word + 6] = parcel ? FLAG_PARCEL : 0;
    if (bodyBytes > 0) this.#copyIn(body, (offset + HEADER_BYTES) & this.#mask);
    this.#tail = (this.#tail + frameBytes) | 0;
    return true;
  }

  /** Shows the reader all that was written. True if there was something new: ring its doorbell. */
  publish(): boolean {
    if (this.#published === this.#tail) return false;
    Atomics.store(this.#control, TAIL_WORD, this.#tail);
    this.#published = this.#tail;
    return true;
  }

  /** Asks for a doorbell once the reader made room. False if there is room by now: write again. */
  waitForRoom(): boolean {
    Atomics.store(this.#control, WAITING_WORD, 1);
    const head = Atomics.load(this.#control, HEAD_WORD);
    if (head === this.#head) return true;
    this.#head = head;
    return false;
  }

  /** Before a frame is written behind nothing: what is written here becomes visible with that frame. */
  #rewindIfEmpty(frameBytes: number): void {
    const offset = (this.#tail & this.#mask) >>> 0;
    // The way to the start counts as filled until the reader has gone it.
    if (offset < REWIND_BYTES || frameBytes > offset) return;
    this.#head = Atomics.load(this.#control, HEAD_WORD);
    if (this.#head !== this.#tail) return;
    this.#words[(offset >>> 2) + 6] = FLAG_REWIND;
    this.#tail = (this.#tail + this.#capacity - offset) | 0;
  }

  #hasRoom(frameBytes: number): boolean {
    if (((this.#tail - this.#head) >>> 0) + frameBytes <= this.#capacity) return true;
    this.#head = Atomics.load(this.#control, HEAD_WORD);
    return ((this.#tail - this.#head) >>> 0) + frameBytes <= this.#capacity;
  }

  #post(body: Uint8Array): boolean {
    const kib = (body.length + 1023) >>> 10;
    const underWay = Atomics.load(this.#control, PARCELS_WORD);
    // One parcel may always travel, or a body above the limit would never arrive.
    if (underWay > 0 && underWay + kib > MAX_PARCEL_KIB) return false;
    Atomics.add(this.#control, PARCELS_WORD, kib);
    // A copy of exactly these bytes: transferring the caller's buffer would take it from whoever else holds a view of it.
    const copy = new Uint8Array(body);
    this.#port.postMessage(copy, [copy.buffer]);
    return true;
  }

  #copyIn(body: Uint8Array, offset: number): void {
    const toEnd = this.#capacity - offset;
    if (body.length <= toEnd) {
      this.#bytes.set(body, offset);
    } else {
      this.#bytes.set(body.subarray(0, toEnd), offset);
      this.#bytes.set(body.subarray(toEnd), 0);
    }
  }
}

/** After a successful next() the fields describe the frame. */
export class RingReader implements FrameHeader {
  kind: FrameKind = 1;
  service = 0;
  method = 0;
  correlationId = 0;
  shardId = 0;
  deadlineMs = 0;
  /** A copy of the reader's own: may be kept. */
  body: Uint8Array = EMPTY;

  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #port: MessagePort;
  readonly #mask: number;
  readonly #capacity: number;
  /** Next frame to read; ahead of the shared head until release(). */
  #head: number;
  #released: number;
  /** The writer's tail as last seen. */
  #tail: number;

  constructor(memory: RingMemory, port: MessagePort) {
    const { shared } = memory;
    this.#capacity = shared.byteLength - FRAMES_OFFSET;
    this.#mask = this.#capacity - 1;
    this.#control = new Int32Array(shared, 0, FRAMES_OFFSET / 4);
    this.#words = new Int32Array(shared, FRAMES_OFFSET);
    this.#doubles = new Float64Array(shared, FRAMES_OFFSET);
    this.#bytes = new Uint8Array(shared, FRAMES_OFFSET);
    this.#port = port;
    this.#head = Atomics.load(this.#control, HEAD_WORD);
    this.#released = this.#head;
    this.#tail = this.#head;
  }

  /** Whether frames wait, by the shared tail. */
  hasFrames(): boolean {
    if (this.#tail !== this.#head) return true;
    this.#tail = Atomics.load(this.#control, TAIL_WORD);
    return this.#tail !== this.#head;
  }

  /** Copies the next frame out into this object's fields. */
  next(): boolean {
    if (!this.hasFrames()) return false;
    const words = this.#words;
    let offset = (this.#head & this.#mask) >>> 0;
    if ((words[(offset >>> 2) + 6]! & FLAG_REWIND) !== 0) {
      this.#head = (this.#head + this.#capacity - offset) | 0;
      if (!this.hasFrames()) return false;
      offset = 0;
    }
    const word = offset >>> 2;
    const length = words[word]!;
    const packed = words[word + 1]!;
    this.kind = (packed & 0xff) as FrameKind;
    this.service = (packed >>> 8) & 0xff;
    this.method = packed >>> 16;
    this.correlationId = words[word + 2]! >>> 0;
    this.shardId = words[word + 3]!;
    this.deadlineMs = this.#doubles[(offset + 16) >>> 3]!;
    if ((words[word + 6]! & FLAG_PARCEL) !== 0) this.body = this.#receive();
    else this.body = length === 0 ? EMPTY : this.#copyOut((offset + HEADER_BYTES) & this.#mask, length);
    this.#head = (this.#head + HEADER_BYTES + ((length + HEADER_BYTES - 1) & -HEADER_BYTES)) | 0;
    return true;
  }

  /** Gives the read frames' room back. True if the writer waits for it: ring its doorbell. */
  release(): boolean {
    if (this.#released === this.#head) return false;
    this.#released = this.#head;
    Atomics.store(this.#control, HEAD_WORD, this.#head);
    return Atomics.load(this.#control, WAITING_WORD) === 1 && Atomics.exchange(this.#control, WAITING_WORD, 0) === 1;
  }

  #receive(): Uint8Array {
    const received = receiveMessageOnPort(this.#port);
    invariant(received !== undefined, 'a parcel is posted before its header');
    const bytes: Uint8Array = received.message;
    Atomics.sub(this.#control, PARCELS_WORD, (bytes.length + 1023) >>> 10);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #copyOut(offset: number, length: number): Uint8Array {
    const copy = Buffer.allocUnsafe(length);
    const toEnd = this.#capacity - offset;
    if (length <= toEnd) {
      copy.set(this.#bytes.subarray(offset, offset + length));
    } else {
      copy.set(this.#bytes.subarray(offset));
      copy.set(this.#bytes.subarray(0, length - toEnd), toEnd);
    }
    return copy;
  }
}
