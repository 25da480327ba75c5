// The bytes that one connection has to say, collected over a turn of the loop and given to the socket in one write. Memory
// comes in slabs that connections share, so that an idle connection holds none. Main loop.

import type { Socket } from 'node:net';
import { FRAME_HEAD_BYTES, FrameType, writeFrameHead, writeUint32 } from './frame.ts';

/** Holds some hundred small answers, or three frames of the largest size we send. */
export const SLAB_BYTES = 64 * 1024;
/** Slabs kept for the next turn: connections that write within one turn; more are left to the collector. */
const MAX_POOLED_SLABS = 64;
/** Writes to TLS sockets up to this are copied, so that the slab can be used again while OpenSSL works on the copy. */
const MAX_COPY_BYTES = 16 * 1024;

/** Slabs of all connections of a server. */
export class SlabPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
  }

  give(slab: Buffer): void {
    if (this.#free.length < MAX_POOLED_SLABS) this.#free.push(slab);
  }
}

/** Has `flush()` called, at the end of the read or of the turn. */
export interface FlushOwner {
  scheduleFlush(): void;
}

const NO_SLAB = Buffer.alloc(0);

export class OutputBuffer {
  /** Where to write after `reserve`, and the position to move on. */
  slab: Buffer = NO_SLAB;
  at = 0;
  /** Bytes in full slabs, and bytes that the socket had not passed on when it was last looked at. */
  backlogBytes = 0;
  /** What went to the socket, and in how many writes, since the server last counted. */
  sentBytes = 0;
  sentWrites = 0;
  readonly #socket: Socket;
  readonly #pool: SlabPool;
  readonly #encrypted: boolean;
  readonly #owner: FlushOwner;
  #full: Buffer[] = [];

  constructor(socket: Socket, pool: SlabPool, encrypted: boolean, owner: FlushOwner) {
    this.#socket = socket;
    this.#pool = pool;
    this.#encrypted = encrypted;
    this.#owner = owner;
  }

  /** Makes room for `bytes` (up to a slab) at `at`, and has the connection flushed at the end of the turn. */
  reserve(bytes: number): void {
    if (this.at + bytes > this.slab.length) {
      if (this.at > 0) {
        this.#full.push(this.slab.subarray(0, this.at));
        this.backlogBytes += this.at;
      }
      this.slab = this.#pool.take();
      this.at = 0;
    }
    this.#owner.scheduleFlush();
  }

  /** Writes whole frames. */
  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.slab.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** RST_STREAM and WINDOW_UPDATE. */
  writeUint32Frame(type: number, streamId: number, value: number): void {
    this.reserve(FRAME_HEAD_BYTES + 4);
    writeFrameHead(this.slab, this.at, 4, type, 0, streamId);
    writeUint32(this.slab, this.at + FRAME_HEAD_BYTES, value);
    this.at += FRAME_HEAD_BYTES + 4;
  }

  /** A frame whose payload is at hand and fits a slab. */
  writeFrame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    this.reserve(FRAME_HEAD_BYTES + payload.length);
    this.at = putFrame(this.slab, this.at, type, flags, streamId, payload);
  }

  /** A header block in HEADERS and as many CONTINUATION frames as it takes (RFC 9113 4.3, 6.10). */
  writeHeaderBlock(
    streamId: number,
    block: Uint8Array,
    maxFrameBytes: number,
    flags: number,
    endHeaders: number,
  ): void {
    if (block.length <= maxFrameBytes) {
      this.writeFrame(FrameType.HEADERS, flags | endHeaders, streamId, block);
      return;
    }
    this.writeFrame(FrameType.HEADERS, flags, streamId, block.subarray(0, maxFrameBytes));
    for (let at = maxFrameBytes; at < block.length; at += maxFrameBytes) {
      const part = block.subarray(at, at + maxFrameBytes);
      const last = at + maxFrameBytes >= block.length;
      this.writeFrame(FrameType.CONTINUATION, last ? endHeaders : 0, streamId, part);
    }
  }

  /** Gives everything to the socket. */
  flush(): void {
    const socket = this.#socket;
    if (this.#full.length > 0) this.#flushMany();
    else if (this.at > 0) {
      this.sentBytes += this.at;
      this.sentWrites++;
      const bytes = this.slab.subarray(0, this.at);
      this.at = 0;
      if (this.#encrypted && bytes.length <= MAX_COPY_BYTES) {
        socket.write(Buffer.from(bytes));
        this.#releaseSlab(true);
      } else {
        socket.write(bytes);
        // the kernel took all of it at once, or the slab stays with the socket until it did
        this.#releaseSlab(socket.writableLength === 0);
      }
    }
    this.backlogBytes = socket.writableLength;
  }

  /** The socket passed on all it had. */
  noteDrained(): void {
    this.backlogBytes = this.#socket.writableLength;
  }

  /** Drops what was not flushed. */
  discard(): void {
    this.#full = [];
    this.at = 0;
    this.slab = NO_SLAB;
  }

  #flushMany(): void {
    const socket = this.#socket;
    const full = this.#full;
    this.#full = [];
    socket.cork();
    for (const bytes of full) {
      this.sentBytes += bytes.length;
      socket.write(bytes);
    }
    if (this.at > 0) {
      this.sentBytes += this.at;
      socket.write(this.slab.subarray(0, this.at));
    }
    socket.uncork();
    this.sentWrites++;
    this.at = 0;
    this.#releaseSlab(socket.writableLength === 0);
  }

  #releaseSlab(reusable: boolean): void {
    if (reusable && this.slab.length > 0) this.#pool.give(this.slab);
    this.slab = NO_SLAB;
  }
}

/** Writes one frame at `at` and returns the position behind it. */
export function putFrame(
  slab: Uint8Array,
  at: number,
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): number {
  writeFrameHead(slab, at, payload.length, type, flags, streamId);
  const from = at + FRAME_HEAD_BYTES;
  if (payload.length > 32) slab.set(payload, from);
  else for (let i = 0; i < payload.length; i++) slab[from + i] = payload[i]!;
  return from + payload.length;
}
