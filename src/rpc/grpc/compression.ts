// gzip of messages, bounded: what an attacker packs tightly costs the main loop no more than what arrives unpacked. Small
// messages are done at once, others on libuv's pool. Both transports. Main loop.

import { availableParallelism } from 'node:os';
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';

/** Messages that inflate to no more than this are inflated at once: about 0.1 ms, a pool round trip costs 0.05 ms. */
const INFLATE_AT_ONCE_BYTES = 64 * 1024;
/** Messages up to this are deflated at once; larger ones on the pool. */
export const DEFLATE_AT_ONCE_BYTES = 16 * 1024;
/** Replies below this go uncompressed, which each message may (flag 0): a packet holds them, and deflating costs 30 us. */
export const COMPRESS_FROM_BYTES = 2048;
/** zlib level for replies: 1 takes a third of the time of 6 for 10 % more bytes on protobuf histories. */
const DEFLATE_LEVEL = 1;
/** Messages inflated on the pool at one time: half of the cores, so that the main loop always has one. */
const MAX_INFLATING = Math.max(1, Math.floor(availableParallelism() / 2));
const GZIP_MIN_BYTES = 18; // RFC 1952 2.3: 10 bytes of header, 8 of trailer

export type InflateFailure = 'too large' | 'corrupt';

/** A message to inflate. */
export interface InflateJob {
  readonly packed: Uint8Array;
  readonly maxBytes: number;
  /** Whether anybody waits for the result still: what was cancelled while it waited is not inflated. */
  isWanted(): boolean;
  /** Takes the result when it could not be given at once. */
  onInflated(result: Uint8Array | InflateFailure): void;
}

/** Jobs of all calls that wait for the pool, and how many are on it. Bounded by the limits on unfinished requests. */
const waitingJobs: InflateJob[] = [];
let inflating = 0;

/** Inflates one message. Returns the bytes, a failure, or undefined when the result comes later through `onInflated`. */
export function inflate(job: InflateJob): Uint8Array | InflateFailure | undefined {
  const { packed, maxBytes } = job;
  if (packed.length < GZIP_MIN_BYTES) return 'corrupt';
  // RFC 1952 2.3.1: the last four bytes say how long the result is. A lie makes the first attempt fail cheaply.
  const claimed = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).readUInt32LE(packed.length - 4);
  if (claimed <= INFLATE_AT_ONCE_BYTES && claimed <= maxBytes) {
    try {
      return gunzipSync(packed, { maxOutputLength: Math.max(claimed, 1), chunkSize: Math.max(claimed + 1, 64) });
    } catch (error) {
      if (!isTooLarge(error)) return 'corrupt';
      // several members in one message: legal, and rare enough for the slow way
    }
  }
  waitingJobs.push(job);
  inflateNext();
  return undefined;
}

function inflateNext(): void {
  while (inflating < MAX_INFLATING) {
    const job = waitingJobs.shift();
    if (job === undefined) return;
    if (!job.isWanted()) continue;
    inflating++;
    gunzip(job.packed, { maxOutputLength: job.maxBytes, chunkSize: 64 * 1024 }, (error, bytes) => {
      inflating--;
      try {
        job.onInflated(error === null ? bytes : isTooLarge(error) ? 'too large' : 'corrupt');
      } finally {
        inflateNext();
      }
    });
  }
}

/** Deflates one message; undefined when the result comes later. */
export function deflate(message: Uint8Array, later: (packed: Uint8Array) => void): Uint8Array | undefined {
  if (message.length <= DEFLATE_AT_ONCE_BYTES) return gzipSync(message, { level: DEFLATE_LEVEL, chunkSize: 16 * 1024 });
  gzip(message, { level: DEFLATE_LEVEL, chunkSize: 64 * 1024 }, (error, packed) => {
    if (error !== null) throw error; // out of memory: nothing else can fail in deflate
    later(packed);
  });
  return undefined;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
