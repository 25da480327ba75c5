// Cuts what a socket delivers into frames. Frames that lie whole in a read are passed on as views; only a frame that a read
// cut in two is copied. Owned by one connection. Main loop.

import { ConnectionError, ErrorCode } from './errors.ts';
import { DEFAULT_MAX_FRAME_BYTES, FRAME_HEAD_BYTES } from './frame.ts';

export interface FrameReceiver {
  /** False once no more frames are wanted. */
  readonly reading: boolean;
  /** One frame; its payload is `bytes[at .. at + length)`, valid during the call. */
  onFrame(bytes: Uint8Array, at: number, length: number, type: number, flags: number, streamId: number): void;
}

export class FrameReader {
  readonly #receiver: FrameReceiver;
  /** The frame that the last read cut; exactly as large as it will be, or 9 bytes while its length is unknown. */
  #partial: Buffer | undefined;
  #filled = 0;

  constructor(receiver: FrameReceiver) {
    this.#receiver = receiver;
  }

  push(chunk: Uint8Array, from: number): void {
    let at = from;
    if (this.#partial !== undefined) {
      at = this.#complete(this.#partial, chunk, at);
      if (at < 0) return;
    }
    const end = chunk.length;
    while (end - at >= FRAME_HEAD_BYTES && this.#receiver.reading) {
      const length = frameLength(chunk, at);
      if (end - at < FRAME_HEAD_BYTES + length) break;
      this.#deliver(chunk, at, length);
      at += FRAME_HEAD_BYTES + length;
    }
    if (at < end && this.#receiver.reading) this.#keep(chunk, at);
  }

  /** Adds to a cut frame until it is whole. Returns where the next one begins, or -1 when the chunk was used up. */
  #complete(started: Buffer, chunk: Uint8Array, from: number): number {
    let at = from;
    let partial = started;
    if (this.#filled < FRAME_HEAD_BYTES) {
      at = this.#fill(partial, chunk, at, FRAME_HEAD_BYTES);
      if (this.#filled < FRAME_HEAD_BYTES) return -1;
    }
    const total = FRAME_HEAD_BYTES + frameLength(partial, 0);
    if (partial.length < total) {
      partial = Buffer.allocUnsafe(total);
      partial.set(this.#partial!.subarray(0, FRAME_HEAD_BYTES));
      this.#partial = partial;
    }
    at = this.#fill(partial, chunk, at, total);
    if (this.#filled < total) return -1;
    this.#partial = undefined;
    this.#filled = 0;
    this.#deliver(partial, 0, total - FRAME_HEAD_BYTES);
    return at;
  }

  #fill(partial: Buffer, chunk: Uint8Array, at: number, wanted: number): number {
    const take = Math.min(wanted - this.#filled, chunk.length - at);
    if (take > 0) partial.set(chunk.subarray(at, at + take), this.#filled);
    this.#filled += take;
    return at + take;
  }

  #keep(chunk: Uint8Array, at: number): void {
    const available = chunk.length - at;
    const total = available < FRAME_HEAD_BYTES ? FRAME_HEAD_BYTES : FRAME_HEAD_BYTES + frameLength(chunk, at);
    this.#partial = Buffer.allocUnsafe(total);
    this.#partial.set(chunk.subarray(at));
    this.#filled = available;
  }

  #deliver(bytes: Uint8Array, at: number, length: number): void {
    const streamId = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
    this.#receiver.onFrame(bytes, at + FRAME_HEAD_BYTES, length, bytes[at + 3]!, bytes[at + 4]!, streamId);
  }
}

/** RFC 9113 4.2: a frame over SETTINGS_MAX_FRAME_SIZE is an error; at the connection, because it may change HPACK's state. */
function frameLength(bytes: Uint8Array, at: number): number {
  const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  if (length > DEFAULT_MAX_FRAME_BYTES) {
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `frame of ${length} bytes`);
  }
  return length;
}
