// Protobuf wire format: the reader and writer that the generated codecs call. Any thread; a writer is never shared.
// int64 values are JavaScript numbers: every 64-bit value of Temporal's API stays below 2^53, larger ones are refused.

import { Buffer, isUtf8 } from 'node:buffer';

/** Bytes of one encoded message of type T, kept encoded: payloads, failures and memos pass through the server unread. */
export type Encoded<T> = Uint8Array & { readonly $message?: T };

/** What the generator emits for each message type. `Init` has every field optional; what is missing has its default. */
export interface MessageCodec<T, Init> {
  readonly typeName: string;
  encode(message: Init): Encoded<T>;
  /** Throws WireError on bytes that are no such message. Byte fields of the result are views of `bytes`. */
  decode(bytes: Uint8Array): T;
  /** Writes the fields without length prefix: for codecs only. */
  write(writer: Writer, message: Init): void;
  /** Reads fields up to `end`: for codecs only. */
  read(reader: Reader, end: number): T;
}

/** Bytes that do not follow the wire format. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

const TWO_32 = 4294967296;
const SHORT_STRING_BYTES = 32; // below this a loop beats the call into C++ (measured, Node 26)
const MAX_NESTING = 100; // protobuf-go's and protobuf-java's default recursion limit is 100 or more

export class Reader {
  pos = 0;
  readonly end: number;
  readonly buffer: Buffer;
  private depth = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  /** Opens a length-delimited message and returns where it ends. Pair with `leave`. */
  enter(): number {
    if (++this.depth > MAX_NESTING) throw new WireError('message nesting too deep');
    return this.delimited();
  }

  leave(): void {
    this.depth--;
  }

  private delimited(): number {
    const end = this.uint32() + this.pos;
    if (end > this.end) throw new WireError('unexpected EOF');
    return end;
  }

  uint32(): number {
    const buffer = this.buffer;
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let shift = 7;
    for (; shift < 28; shift += 7) {
      byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    byte = this.byte();
    value = (value | ((byte & 0x0f) << 28)) >>> 0;
    // A negative int32 is sent as ten bytes: the upper ones only repeat the sign.
    for (let extra = 0; byte >= 0x80; extra++) {
      if (extra === 5 || this.pos >= buffer.length) throw new WireError('variable length integer overflow');
      byte = this.byte();
    }
    return value;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    return this.varint64() !== 0;
  }

  int64(): number {
    return this.varint64();
  }

  uint64(): number {
    const value = this.varint64();
    if (value < 0) throw new WireError('integer out of range');
    return value;
  }

  sint64(): number {
    const value = this.uint64();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  private varint64(): number {
    let low = 0;
    let shift = 0;
    for (; shift < 28; shift += 7) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let byte = this.byte();
    low = (low | (byte << 28)) >>> 0;
    let high = (byte & 0x7f) >> 4;
    if (byte >= 0x80) {
      shift = 3;
      do {
        if (shift > 31) throw new WireError('variable length integer overflow');
        byte = this.byte();
        high |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte >= 0x80);
    }
    return join64(low, high | 0);
  }

  fixed32(): number {
    this.need(4);
    const value = this.buffer.readUInt32LE(this.pos);
    this.pos += 4;
    return value;
  }

  sfixed32(): number {
    return this.fixed32() | 0;
  }

  fixed64(): number {
    const low = this.fixed32();
    return join64(low, this.fixed32() | 0);
  }

  sfixed64(): number {
    return this.fixed64();
  }

  float(): number {
    this.need(4);
    const value = this.buffer.readFloatLE(this.pos);
    this.pos += 4;
    return value;
  }

  double(): number {
    this.need(8);
    const value = this.buffer.readDoubleLE(this.pos);
    this.pos += 8;
    return value;
  }

  bytes(): Uint8Array {
    const end = this.delimited();
    const value = this.buffer.subarray(this.pos, end);
    this.pos = end;
    return value;
  }

  string(): string {
    const end = this.delimited();
    const start = this.pos;
    this.pos = end;
    const buffer = this.buffer;
    if (end - start <= SHORT_STRING_BYTES) {
      let text = '';
      let i = start;
      for (; i < end; i++) {
        const byte = buffer[i] as number;
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (i === end) return text;
    }
    const text = buffer.toString('utf8', start, end);
    if (text.includes('\ufffd') && !isUtf8(buffer.subarray(start, end))) {
      throw new WireError('string field contains invalid UTF-8');
    }
    return text;
  }

  /** Passes over a field that the reading codec does not know. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        while (this.byte() >= 0x80);
        return;
      case 1:
        this.need(8);
        this.pos += 8;
        return;
      case 2:
        this.pos = this.delimited();
        return;
      case 3:
        this.skipGroup();
        return;
      case 5:
        this.need(4);
        this.pos += 4;
        return;
      default:
        throw new WireError('cannot parse reserved wire type');
    }
  }

  private skipGroup(): void {
    if (++this.depth > MAX_NESTING) throw new WireError('message nesting too deep');
    for (;;) {
      const tag = this.uint32();
      if ((tag & 7) === 4) break;
      this.skip(tag);
    }
    this.depth--;
  }

  private byte(): number {
    if (this.pos >= this.end) throw new WireError('unexpected EOF');
    return this.buffer[this.pos++] as number;
  }

  private need(count: number): void {
    if (this.pos + count > this.end) throw new WireError('unexpected EOF');
  }
}

function join64(low: number, high: number): number {
  if (high > 0x1fffff || high < -0x200000) throw new WireError('integer out of range');
  return high * TWO_32 + (low >>> 0);
}

const INITIAL_WRITER_BYTES = 64 * 1024;

/**
 * Encoded messages lie together in slabs of their own. In Node's pool they would lie between all that only passes through, a database
 * driver's copies first of all, and each of the few that stay, events of a run at hand, would keep a slab of 64 KiB for itself.
 */
const SLAB_BYTES = 16 * 1024;
/** A larger message has its own memory: what is left of a slab when one does not fit is lost. */
const MAX_BYTES_IN_SLAB = SLAB_BYTES / 8;

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

function allocate(sizeBytes: number): Buffer {
  if (sizeBytes > MAX_BYTES_IN_SLAB) return Buffer.allocUnsafeSlow(sizeBytes);
  if (slabUsed + sizeBytes > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  const bytes = slab.subarray(slabUsed, slabUsed + sizeBytes);
  slabUsed += sizeBytes;
  return bytes;
}

/** Writes forward into one growing buffer. A nested message reserves one length byte and moves only if it grew past 127. */
export class Writer {
  pos = 0;
  buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_WRITER_BYTES);

  finish(start: number): Uint8Array {
    const bytes = allocate(this.pos - start);
    this.buffer.copy(bytes, 0, start, this.pos);
    this.pos = start;
    return bytes;
  }

  room(count: number): void {
    if (this.pos + count <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.pos + count));
    this.buffer.copy(grown, 0, 0, this.pos);
    this.buffer = grown;
  }

  /** Begins a nested message; the result goes to `close`. */
  open(): number {
    this.room(1);
    return ++this.pos;
  }

  close(start: number): void {
    const length = this.pos - start;
    if (length < 0x80) {
      this.buffer[start - 1] = length;
      return;
    }
    const extra = varintBytes(length) - 1;
    this.room(extra);
    this.buffer.copyWithin(start + extra, start, this.pos);
    this.pos = start - 1;
    this.uint32(length);
    this.pos += length;
  }

  uint32(value: number): void {
    this.room(5);
    const buffer = this.buffer;
    value >>>= 0;
    while (value > 0x7f) {
      buffer[this.pos++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    buffer[this.pos++] = value;
  }

  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.int64(value | 0);
  }

  sint32(value: number): void {
    this.uint32((value << 1) ^ (value >> 31));
  }

  bool(value: boolean): void {
    this.room(1);
    this.buffer[this.pos++] = value ? 1 : 0;
  }

  int64(value: number): void {
    if (value >= 0 && value <= 0x7fffffff) {
      this.uint32(value);
      return;
    }
    if (!Number.isSafeInteger(value)) throw new WireError(`integer out of range: ${value}`);
    this.room(10);
    let low = ((value % TWO_32) + TWO_32) % TWO_32;
    let high = Math.floor(value / TWO_32) >>> 0;
    const buffer = this.buffer;
    while (high !== 0 || low > 0x7f) {
      buffer[this.pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    buffer[this.pos++] = low;
  }

  uint64(value: number): void {
    this.int64(value);
  }

  sint64(value: number): void {
    this.int64(value < 0 ? -2 * value - 1 : 2 * value);
  }

  fixed32(value: number): void {
    this.room(4);
    this.pos = this.buffer.writeUInt32LE(value >>> 0, this.pos);
  }

  sfixed32(value: number): void {
    this.fixed32(value);
  }

  fixed64(value: number): void {
    this.fixed32(((value % TWO_32) + TWO_32) % TWO_32);
    this.fixed32(Math.floor(value / TWO_32));
  }

  sfixed64(value: number): void {
    this.fixed64(value);
  }

  float(value: number): void {
    this.room(4);
    this.pos = this.buffer.writeFloatLE(value, this.pos);
  }

  double(value: number): void {
    this.room(8);
    this.pos = this.buffer.writeDoubleLE(value, this.pos);
  }

  bytes(value: Uint8Array): void {
    const length = value.length;
    this.uint32(length);
    this.room(length);
    this.buffer.set(value, this.pos);
    this.pos += length;
  }

  string(value: string): void {
    const length = value.length;
    if (length <= SHORT_STRING_BYTES) {
      this.room(length + 1);
      const buffer = this.buffer;
      const start = this.pos + 1;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code >= 0x80) break;
        buffer[start + i] = code;
      }
      if (i === length) {
        buffer[this.pos] = length;
        this.pos = start + length;
        return;
      }
    }
    const size = Buffer.byteLength(value);
    this.uint32(size);
    this.room(size);
    this.pos += this.buffer.write(value, this.pos, size, 'utf8');
  }
}

/** How many bytes the varint of a length takes. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Joins two encodings of one message: by the wire format, the concatenation is the merged message. */
export function mergeEncoded<T>(first: Encoded<T> | undefined, second: Encoded<T>): Encoded<T> {
  return first === undefined || first.length === 0 ? second : Buffer.concat([first, second]);
}

/** Milliseconds of a Timestamp or Duration (seconds = 1, nanos = 2). A double keeps microseconds until the year 2255. */
export function readMs(reader: Reader, end: number): number {
  let seconds = 0;
  let nanos = 0;
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 8) seconds = reader.int64();
    else if (tag === 16) nanos = reader.int32();
    else reader.skip(tag);
  }
  return seconds * 1000 + nanos / 1e6;
}

/** The nearest time that survives being written and read again unchanged: whole microseconds. */
export function roundToMicroseconds(ms: number): number {
  const seconds = Math.floor(ms / 1000);
  return seconds * 1000 + (Math.round((ms - seconds * 1000) * 1000) * 1000) / 1e6;
}

/** A Timestamp: nanos are never negative. */
export function writeTimestampMs(writer: Writer, ms: number): void {
  let seconds = Math.floor(ms / 1000);
  let nanos = Math.round((ms - seconds * 1000) * 1000) * 1000;
  if (nanos >= 1e9) {
    seconds++;
    nanos -= 1e9;
  }
  writeSecondsNanos(writer, seconds, nanos);
}

/** A Duration: seconds and nanos have the same sign. */
export function writeDurationMs(writer: Writer, ms: number): void {
  const seconds = Math.trunc(ms / 1000);
  writeSecondsNanos(writer, seconds, Math.round((ms - seconds * 1000) * 1e6));
}

function writeSecondsNanos(writer: Writer, seconds: number, nanos: number): void {
  if (seconds !== 0) {
    writer.uint32(8);
    writer.int64(seconds);
  }
  if (nanos !== 0) {
    writer.uint32(16);
    writer.int32(nanos);
  }
}

const sharedWriter = new Writer();
const RETAINED_WRITER_BYTES = 4 * 1024 * 1024; // one gRPC message of the default limit; larger buffers are let go

export function encodeWith<Init>(write: (writer: Writer, message: Init) => void, message: Init): Uint8Array {
  const start = sharedWriter.pos;
  try {
    write(sharedWriter, message);
    return sharedWriter.finish(start);
  } finally {
    sharedWriter.pos = start;
    if (start === 0 && sharedWriter.buffer.length > RETAINED_WRITER_BYTES) {
      sharedWriter.buffer = Buffer.allocUnsafeSlow(INITIAL_WRITER_BYTES);
    }
  }
}

export function decodeWith<T>(read: (reader: Reader, end: number) => T, bytes: Uint8Array): T {
  const reader = new Reader(bytes);
  const message = read(reader, reader.end);
  if (reader.pos !== reader.end) throw new WireError('unexpected EOF');
  return message;
}
