// The streams of a connection that are under way, how they end, and which of them we have reset of late (RFC 9113 section 5.1).
// One per connection. Main loop.

import type { RpcStatus } from '../handler.ts';
import { ClosedStreams } from './closed-streams.ts';
import type { DeadlineWheel } from './deadline-wheel.ts';
import { ErrorCode } from './errors.ts';
import { FrameType } from './frame.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { OutputQueue } from './output-queue.ts';
import type { Http2Stream } from './stream.ts';
import { StreamTable } from './stream-table.ts';

export class OpenStreams {
  readonly #wheel: DeadlineWheel;
  readonly #buffer: OutputBuffer;
  readonly #output: OutputQueue;
  readonly #onEmpty: () => void;
  readonly #table = new StreamTable<Http2Stream>();
  readonly #resetLately = new ClosedStreams();

  /** `onEmpty` is called when the last one has gone. */
  constructor(wheel: DeadlineWheel, buffer: OutputBuffer, output: OutputQueue, onEmpty: () => void) {
    this.#wheel = wheel;
    this.#buffer = buffer;
    this.#output = output;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#table.size;
  }

  get(streamId: number): Http2Stream | undefined {
    return this.#table.get(streamId);
  }

  /** A copy, so that streams may be closed while it is walked. */
  all(): Http2Stream[] {
    return this.#table.all();
  }

  add(stream: Http2Stream): void {
    this.#table.add(stream);
  }

  /** The reply is complete. RFC 9113 8.1: a request that is still arriving is refused with NO_ERROR. */
  close(stream: Http2Stream): void {
    if (!stream.remoteClosed) this.writeReset(stream.id, ErrorCode.NO_ERROR);
    this.forget(stream);
  }

  /** RFC 9113 5.4.2. */
  reset(stream: Http2Stream, code: number): void {
    this.writeReset(stream.id, code);
    this.cancel(stream);
  }

  /** The peer takes no reply. */
  cancel(stream: Http2Stream): void {
    stream.cancel();
    this.forget(stream);
  }

  abortAll(status: RpcStatus): void {
    for (const stream of this.all()) stream.abort(status);
  }

  cancelAll(): void {
    for (const stream of this.all()) this.cancel(stream);
  }

  forget(stream: Http2Stream): void {
    if (stream.gone) return;
    stream.gone = true;
    this.#wheel.remove(stream);
    this.#output.drop(stream);
    this.#table.delete(stream);
    if (this.size === 0) this.#onEmpty();
  }

  // ---- ids without a stream

  writeReset(streamId: number, code: number): void {
    this.#buffer.writeUint32Frame(FrameType.RST_STREAM, streamId, code);
    this.#resetLately.add(streamId);
  }

  /** Whether we reset it, so that frames which were under way then may still come. */
  wasReset(streamId: number): boolean {
    return this.#resetLately.has(streamId);
  }

  /** The last frame of one that we reset has come. */
  noteEnd(streamId: number): void {
    this.#resetLately.delete(streamId);
  }
}
