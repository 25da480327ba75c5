// Cuts a request body into gRPC messages: `compressed flag | length, 4 bytes | bytes` (PROTOCOL-HTTP2.md, "Length-Prefixed-
// Message"), inflates them, keeps their order, and enforces the message limit before it is paid for. Both transports.

import type { RpcStatus } from '../handler.ts';
import { GrpcCode } from '../status.ts';
import { inflate } from './compression.ts';

export const MESSAGE_PREFIX_BYTES = 5;
/** First capacity of the buffer for a message that arrives in parts; it doubles up to the announced length. */
const FIRST_CAPACITY_BYTES = 512;

/** Where the messages of one call go. */
export interface MessageSink {
  /** `owned`: the bytes stay as they are; else they are valid only during the call. */
  onMessage(message: Uint8Array, owned: boolean): void;
  /** The client has half-closed and every message was delivered. */
  onEnd(): void;
  /** `bomb`: it took inflating to find out, so that it cost far more than it brought. */
  onReadFailure(status: RpcStatus, bomb: boolean): void;
}

/** Reader of one call's body. After a failure it is deaf. */
export class MessageReader {
  readonly #sink: MessageSink;
  readonly #maxBytes: number;
  readonly #gzip: boolean;
  /** Parts of a message, or of its prefix. Own memory: views would pin the whole read buffer for a single byte. */
  #parts: Buffer | undefined;
  #length = 0;
  /** Messages behind one that is being inflated on the pool. `undefined` in it stands for the end. */
  #queue: (Buffer | undefined)[] | undefined;
  /** Bytes in the queue, and of the message in front of it. */
  #queuedBytes = 0;
  #failed = false;

  constructor(sink: MessageSink, maxBytes: number, encoding: string) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#gzip = encoding === 'gzip';
  }

  /** Bytes kept here for messages that are not complete. */
  get bufferedBytes(): number {
    return this.#length + this.#queuedBytes;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#failed) {
      if (this.#length > 0) {
        at = this.#fill(chunk, at);
        continue;
      }
      const total = this.#totalLength(chunk, at, chunk.length - at);
      if (total < 0) return;
      if (total > 0 && total <= chunk.length - at) {
        this.#complete(chunk.subarray(at, at + total), false);
        at += total;
      } else {
        at = this.#fill(chunk, at);
      }
    }
  }

  /** The client half-closed. */
  end(): void {
    if (this.#failed) return;
    if (this.#length > 0) this.#fail(GrpcCode.INTERNAL, 'grpc: the request ended inside a message');
    else if (this.#queue !== undefined) this.#queue.push(undefined);
    else this.#sink.onEnd();
  }

  /** Drops what is kept; nothing is delivered any more. */
  close(): void {
    this.#failed = true;
    this.#parts = undefined;
    this.#length = 0;
    this.#queue = undefined;
    this.#queuedBytes = 0;
  }

  /** Copies from `chunk` what the message in progress lacks. Returns where the rest begins. */
  #fill(chunk: Uint8Array, at: number): number {
    let wanted = MESSAGE_PREFIX_BYTES;
    if (this.#length >= MESSAGE_PREFIX_BYTES) wanted = this.#totalLength(this.#parts!, 0, this.#length);
    const take = Math.min(wanted - this.#length, chunk.length - at);
    this.#reserve(this.#length + take, wanted);
    this.#parts!.set(chunk.subarray(at, at + take), this.#length);
    this.#length += take;
    if (this.#length >= MESSAGE_PREFIX_BYTES) {
      const total = this.#totalLength(this.#parts!, 0, this.#length);
      if (total === this.#length) {
        const whole = this.#parts!.subarray(0, total);
        this.#parts = undefined;
        this.#length = 0;
        this.#complete(whole, true);
      }
    }
    return at + take;
  }

  #reserve(needed: number, wanted: number): void {
    const old = this.#parts;
    if (old !== undefined && old.length >= needed) return;
    const capacity = Math.max(needed, Math.min(wanted, Math.max(FIRST_CAPACITY_BYTES, (old?.length ?? 0) * 2)));
    this.#parts = Buffer.allocUnsafe(capacity);
    if (old !== undefined) this.#parts.set(old.subarray(0, this.#length));
  }

  /** Prefix and message together; 0 while the prefix is incomplete, -1 after a refusal. */
  #totalLength(bytes: Uint8Array, at: number, available: number): number {
    if (available < MESSAGE_PREFIX_BYTES) return 0;
    const length = messageLength(bytes, at);
    if (length > this.#maxBytes) {
      this.#failed = true;
      this.#sink.onReadFailure(messageTooLarge(length, this.#maxBytes), false);
      return -1;
    }
    return MESSAGE_PREFIX_BYTES + length;
  }

  /** A whole message with its prefix. `owned` says that its memory stays. */
  #complete(framed: Uint8Array, owned: boolean): void {
    if (this.#queue === undefined) {
      this.#open(framed, owned);
    } else {
      this.#queue.push(owned ? (framed as Buffer) : Buffer.from(framed));
      this.#queuedBytes += framed.length;
    }
  }

  #open(framed: Uint8Array, owned: boolean): void {
    const message = framed.subarray(MESSAGE_PREFIX_BYTES);
    const flag = framed[0];
    if (flag === 0) {
      this.#sink.onMessage(message, owned);
      return;
    }
    if (flag !== 1 || !this.#gzip) {
      this.#fail(GrpcCode.INTERNAL, 'grpc: compressed flag set with identity or empty encoding');
      return;
    }
    const result = inflate({
      packed: message,
      maxBytes: this.#maxBytes,
      isWanted: () => !this.#failed,
      onInflated: (late) => {
        if (this.#failed) return;
        const queue = this.#queue ?? [];
        this.#queue = undefined;
        this.#queuedBytes -= framed.length;
        this.#inflated(late);
        this.#resume(queue);
      },
    });
    if (result === undefined) {
      this.#queue = [];
      this.#queuedBytes += framed.length;
    } else {
      this.#inflated(result);
    }
  }

  #inflated(result: Uint8Array | 'too large' | 'corrupt'): void {
    if (this.#failed) return;
    if (result === 'too large') {
      this.#fail(
        GrpcCode.RESOURCE_EXHAUSTED,
        `grpc: received message after decompression larger than max ${this.#maxBytes}`,
        true,
      );
    } else if (result === 'corrupt') {
      this.#fail(GrpcCode.INTERNAL, 'grpc: failed to decompress the received message');
    } else {
      this.#sink.onMessage(result, true);
    }
  }

  #resume(waiting: (Buffer | undefined)[]): void {
    for (let i = 0; i < waiting.length && !this.#failed; i++) {
      const framed = waiting[i];
      if (framed === undefined) {
        this.#sink.onEnd();
        return;
      }
      this.#queuedBytes -= framed.length;
      this.#open(framed, true);
      const reopened: (Buffer | undefined)[] | undefined = this.#queue;
      if (reopened !== undefined) {
        reopened.push(...waiting.slice(i + 1));
        return;
      }
    }
  }

  #fail(code: number, message: string, bomb = false): void {
    this.#failed = true;
    this.#sink.onReadFailure({ code, message }, bomb);
  }
}

/** The four length bytes of a prefix at `at`. */
export function messageLength(bytes: Uint8Array, at: number): number {
  return bytes[at + 1]! * 0x1000000 + ((bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!);
}

/** Worded as grpc-go's rpc_util.go does: SDKs recognise it and fail the task instead of retrying it. */
export function messageTooLarge(length: number, maxBytes: number): RpcStatus {
  return {
    code: GrpcCode.RESOURCE_EXHAUSTED,
    message: `grpc: received message larger than max (${length} vs. ${maxBytes})`,
  };
}

export function messagePrefix(length: number, compressed: boolean): Buffer {
  const prefix = Buffer.allocUnsafe(MESSAGE_PREFIX_BYTES);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(length, 1);
  return prefix;
}
