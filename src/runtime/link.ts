// One thread's end of the connection to another thread: a ring each way, calls that wait for the peer, calls of the peer that
// are being answered. Owned by the thread's MessageHub. What a full ring does not take waits here, in order and bounded.

import type { MessagePort } from 'node:worker_threads';
import { NumberMap } from '../base/number-map.ts';
import type { Bell } from './doorbell.ts';
import { callCancelled, threadOverloaded } from './error-status.ts';
import { type FrameHeader, FrameKind } from './frame.ts';
import { PendingCalls } from './pending-calls.ts';
import { type RingMemory, RingReader, RingWriter } from './ring.ts';
import type { RingCall } from './ring-call.ts';
import type { Seal } from './seals.ts';
import type { CallOptions } from './service.ts';

/**
 * Bytes that wait beside a full ring before new requests are refused. Replies are never refused: their work is done, and the
 * requests they answer were counted.
 */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024;

/** What a thread gets to open its end of a link; survives postMessage (the port is transferred). */
export interface LinkEnd {
  readonly peer: number;
  readonly peerName: string;
  readonly outgoing: RingMemory;
  readonly incoming: RingMemory;
  readonly port: MessagePort;
}

/** What a waiting frame costs beside its body, roughly: its header object and its place in the list. */
const FRAME_OVERHEAD_BYTES = 128;

const NO_BODY = new Uint8Array(0);

interface WaitingFrame {
  readonly header: FrameHeader;
  readonly body: Uint8Array;
}

export class Link {
  readonly peerName: string;
  readonly pending: PendingCalls;
  readonly reader: RingReader;
  /** Calls of the peer whose handlers have not answered yet. */
  readonly answering = new NumberMap<RingCall>();
  readonly #writer: RingWriter;
  readonly #bell: Bell;
  readonly #port: MessagePort;
  readonly #requestFlush: () => void;
  #backlog: WaitingFrame[] = [];
  #backlogBytes = 0;
  #closed = false;

  constructor(end: LinkEnd, bell: Bell, requestFlush: () => void) {
    this.peerName = end.peerName;
    this.#writer = new RingWriter(end.outgoing, end.port);
    this.reader = new RingReader(end.incoming, end.port);
    this.#bell = bell;
    this.#port = end.port;
    this.#requestFlush = requestFlush;
    this.pending = new PendingCalls((correlationId) => this.#cancel(correlationId));
  }

  /** Bytes that wait for the peer. */
  depthBytes(): number {
    return this.#writer.depthBytes() + this.#backlogBytes;
  }

  call(
    service: number,
    method: number,
    shardId: number,
    request: Uint8Array,
    options: CallOptions | undefined,
  ): Promise<Uint8Array> {
    if (options?.cancellation?.cancelled) return Promise.reject(callCancelled());
    if (this.#backlogBytes >= MAX_BACKLOG_BYTES) return Promise.reject(threadOverloaded(this.peerName));
    const correlationId = this.pending.nextId();
    const deadlineMs = options?.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.send({ kind: FrameKind.REQUEST, service, method, correlationId, shardId, deadlineMs }, request);
    return this.pending.add(correlationId, options);
  }

  /** A request that nobody answers. False if it was not taken. */
  tell(service: number, method: number, message: Uint8Array): boolean {
    if (this.#closed || this.#backlogBytes >= MAX_BACKLOG_BYTES) return false;
    this.send({ kind: FrameKind.MESSAGE, service, method, correlationId: 0, shardId: 0, deadlineMs: 0 }, message);
    return true;
  }

  reply(correlationId: number, response: Uint8Array): void {
    this.#answer(FrameKind.REPLY, correlationId, response);
  }

  replySealed(correlationId: number, response: Uint8Array, { sealer, id }: Seal): void {
    const kind = FrameKind.SEALED_REPLY;
    this.send({ kind, service: sealer, method: 0, correlationId, shardId: id, deadlineMs: 0 }, response);
  }

  settleSeal(id: number, holds: boolean): void {
    const kind = FrameKind.SEAL;
    this.send({ kind, service: 0, method: holds ? 1 : 0, correlationId: id, shardId: 0, deadlineMs: 0 }, NO_BODY);
  }

  fail(correlationId: number, status: Uint8Array): void {
    this.#answer(FrameKind.ERROR, correlationId, status);
  }

  fact(fact: number, body: Uint8Array): void {
    this.send({ kind: FrameKind.FACT, service: fact, method: 0, correlationId: 0, shardId: 0, deadlineMs: 0 }, body);
  }

  send(header: FrameHeader, body: Uint8Array): void {
    if (this.#closed) return;
    if (this.#backlog.length > 0 || !this.#writer.write(header, body)) {
      this.#backlog.push({ header, body });
      this.#backlogBytes += body.length + FRAME_OVERHEAD_BYTES;
    }
    this.#requestFlush();
  }

  /** Shows the peer what was written, after moving what waited as far as there is room. */
  flush(): void {
    if (this.#backlog.length > 0) this.#moveBacklog();
    if (this.#writer.publish()) this.#bell.ring();
  }

  /** The room of the frames read so far goes back to the peer. */
  release(): void {
    if (this.reader.release()) this.#bell.ring();
  }

  /** The peer is gone or replaced: calls to it fail, calls from it are cancelled. */
  close(error: () => Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#backlog = [];
    this.#backlogBytes = 0;
    this.#port.close();
    this.pending.rejectAll(error);
    const answering = this.answering.entries();
    this.answering.clear();
    for (const [, call] of answering) call.cancel();
  }

  #answer(kind: FrameKind, correlationId: number, body: Uint8Array): void {
    this.send({ kind, service: 0, method: 0, correlationId, shardId: 0, deadlineMs: 0 }, body);
  }

  #cancel(correlationId: number): void {
    this.#answer(FrameKind.CANCEL, correlationId, NO_BODY);
  }

  #moveBacklog(): void {
    let moved = 0;
    const backlog = this.#backlog;
    for (;;) {
      while (moved < backlog.length) {
        const { header, body } = backlog[moved]!;
        if (!this.#writer.write(header, body)) break;
        this.#backlogBytes -= body.length + FRAME_OVERHEAD_BYTES;
        moved++;
      }
      if (moved === backlog.length) break;
      // What the peer does not see it cannot make room for: publish before waiting.
      if (this.#writer.publish()) this.#bell.ring();
      if (this.#writer.waitForRoom()) break;
    }
    if (moved > 0) this.#backlog = backlog.slice(moved);
  }
}
