// GOAWAY (RFC 9113 section 6.8): at once with an error, or in two steps, so that calls which were under way when the server
// decided to go are still served. First `no new streams` for all ids, with a ping; once that is answered, the last id. Main loop.

import { encodeFrame, FrameType, writeUint32 } from './frame.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** How long streams that are under way may take when the peer does not answer the ping. */
const PING_TIMEOUT_MS = 1000;
const MAX_STREAM_ID = 0x7fffffff;
/** Tells the answer to this ping from others. */
const DRAIN_PING = Buffer.from('graceful');

export class Goaway {
  readonly #buffer: OutputBuffer;
  #announcedStreamId = MAX_STREAM_ID;
  #announcedMs = Number.NaN;
  #final = false;

  constructor(buffer: OutputBuffer) {
    this.#buffer = buffer;
  }

  /** The first step was taken. */
  get announced(): boolean {
    return !Number.isNaN(this.#announcedMs);
  }

  /** New streams are refused. */
  get final(): boolean {
    return this.#final;
  }

  announce(reason: string, nowMs: number): void {
    this.#announcedMs = nowMs;
    this.send(MAX_STREAM_ID, 0, reason);
    this.#buffer.writeBytes(encodeFrame(FrameType.PING, 0, 0, DRAIN_PING));
  }

  /** Whether the second step is due: the peer answered `payload` to a ping, or never did. */
  isFinalDue(payload: Uint8Array | undefined, nowMs: number): boolean {
    if (!this.announced || this.#final) return false;
    return payload === undefined ? nowMs - this.#announcedMs >= PING_TIMEOUT_MS : DRAIN_PING.equals(payload);
  }

  finish(lastStreamId: number): void {
    this.#final = true;
    this.send(lastStreamId, 0, '');
  }

  /** The last stream id never grows from one GOAWAY to the next. */
  send(lastStreamId: number, code: number, message: string): void {
    this.#announcedStreamId = Math.min(this.#announcedStreamId, lastStreamId);
    const text = Buffer.from(message, 'latin1');
    const payload = Buffer.alloc(8 + text.length);
    writeUint32(payload, 0, this.#announcedStreamId);
    writeUint32(payload, 4, code);
    payload.set(text, 8);
    this.#buffer.writeBytes(encodeFrame(FrameType.GOAWAY, 0, 0, payload));
  }
}
