// Puts header blocks together from HEADERS and CONTINUATION (RFC 9113 sections 4.3, 6.2 and 6.10). Nearly always a block is one
// frame and is passed on as a view; one that is spread over several is kept, and limited. One per connection. Main loop.

import { ConnectionError, ErrorCode } from './errors.ts';
import { Flag, FrameType } from './frame.ts';
import { assertOtherDependency, paddedEnd } from './frame-rules.ts';

/** CONTINUATION frames of one block; a block of the largest size takes 8 of full size. */
const MAX_CONTINUATIONS = 64;
const PRIORITY_BYTES = 5;

export interface HeaderBlockReceiver {
  /** A whole block, `bytes[from .. to)`. */
  onHeaderBlock(bytes: Buffer, from: number, to: number, streamId: number, endStream: boolean): void;
}

interface OpenBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly parts: Buffer[];
  bytes: number;
}

export class HeaderBlockReader {
  readonly #receiver: HeaderBlockReceiver;
  readonly #maxBytes: number;
  #open: OpenBlock | undefined;

  constructor(receiver: HeaderBlockReceiver, maxBytes: number) {
    this.#receiver = receiver;
    this.#maxBytes = maxBytes;
  }

  /** RFC 9113 6.2: nothing may come between the frames of a block. */
  assertMayFollow(type: number, streamId: number): void {
    const open = this.#open;
    if (open !== undefined && (type !== FrameType.CONTINUATION || streamId !== open.streamId)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION expected');
    }
  }

  onHeaders(bytes: Buffer, at: number, length: number, flags: number, streamId: number): void {
    let from = at;
    let to = at + length;
    if ((flags & Flag.PADDED) !== 0) {
      to = paddedEnd(bytes, at, length);
      from++;
    }
    if ((flags & Flag.PRIORITY) !== 0) {
      if (to - from < PRIORITY_BYTES) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'HEADERS priority');
      assertOtherDependency(bytes, from, streamId);
      from += PRIORITY_BYTES;
    }
    // RFC 9113 5.1.1: clients open odd streams
    if ((streamId & 1) === 0) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'HEADERS on an even stream');
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#receiver.onHeaderBlock(bytes, from, to, streamId, endStream);
      return;
    }
    this.#open = { streamId, endStream, parts: [Buffer.from(bytes.subarray(from, to))], bytes: to - from };
  }

  onContinuation(bytes: Uint8Array, at: number, length: number, flags: number): void {
    const open = this.#open;
    if (open === undefined) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'CONTINUATION without HEADERS');
    open.bytes += length;
    open.parts.push(Buffer.from(bytes.subarray(at, at + length)));
    if (open.bytes > this.#maxBytes || open.parts.length > MAX_CONTINUATIONS + 1) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, 'header block too large');
    }
    if ((flags & Flag.END_HEADERS) === 0) return;
    this.#open = undefined;
    const whole = Buffer.concat(open.parts);
    this.#receiver.onHeaderBlock(whole, 0, whole.length, open.streamId, open.endStream);
  }

  /** Drops a block that will not be completed. */
  discard(): void {
    this.#open = undefined;
  }
}
