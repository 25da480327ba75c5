// One stream of a connection (RFC 9113 section 5.1), which carries one gRPC call: reads the request, runs the handler, sends
// what it answers. It is the `ServerCall` that handlers see. Created by the connection. Main loop.
//
//             HEADERS                 END_STREAM received               reply sent, or RST_STREAM either way
//   idle ───────────────▶ open ───────────────────▶ half-closed (remote) ───────────────▶ closed (`gone`)
//                           └──────────── reply sent early: RST_STREAM NO_ERROR ───────────▶

import { COMPRESS_FROM_BYTES, DEFLATE_AT_ONCE_BYTES, deflate } from '../grpc/compression.ts';
import { MESSAGE_PREFIX_BYTES, MessageReader, type MessageSink, messageLength } from '../grpc/message-reader.ts';
import {
  DEADLINE_EXCEEDED,
  HANDLER_FAILED,
  HEADERS_TOO_LARGE,
  type HttpAnswer,
  httpAnswerFor,
  isGrpcContentType,
  isKnownEncoding,
  malformedTimeout,
  REQUEST_TIMEOUT,
  unknownEncoding,
  unknownMethod,
} from '../grpc/routing.ts';
import { assertResponseHeader, type HeaderPairs, statusTrailers } from '../grpc/trailers.ts';
import type { MethodHandler, Peer, RequestMetadata, RpcStatus, ServerCall, StreamListener } from '../handler.ts';
import { GrpcCode } from '../status.ts';
import type { Http2Connection } from './connection.ts';
import type { WheelEntry } from './deadline-wheel.ts';
import { FloodCost } from './flood-guard.ts';
import { statusField } from './hpack-encoder.ts';
import type { PendingReply, Sender } from './output-queue.ts';
import type { RequestHead } from './request-head.ts';
import type { TableEntry } from './stream-table.ts';

const GZIP_HEADER: HeaderPairs = [['grpc-encoding', 'gzip']];
const NO_MESSAGE: RpcStatus = { code: GrpcCode.INTERNAL, message: 'grpc: a unary call received no message' };
const SECOND_MESSAGE: RpcStatus = {
  code: GrpcCode.INTERNAL,
  message: 'grpc: a unary call received more than one message',
};

export class Http2Stream implements ServerCall, MessageSink, Sender, WheelEntry, TableEntry<Http2Stream> {
  readonly id: number;
  readonly deadlineMs: number;
  cancelled = false;
  /** The peer sent END_STREAM. */
  remoteClosed = false;
  /** Closed in both directions, or reset: nothing is sent any more. */
  gone = false;

  // in the connection's table
  nextInTable: Http2Stream | undefined = undefined;

  // sending, see output-queue.ts
  sendWindow: number;
  pending: PendingReply | undefined = undefined;

  // receiving
  /** Bytes of DATA so far, without padding, against content-length (RFC 9113 8.1.1). */
  receivedBytes = 0;
  /** Bytes against our window for which no WINDOW_UPDATE was sent. */
  unreturnedBytes = 0;

  // on the deadline wheel
  expiresMs = Number.POSITIVE_INFINITY;
  wheelNext: WheelEntry | undefined = undefined;
  wheelPrevious: WheelEntry | undefined = undefined;
  wheelSlot = -1;

  readonly #connection: Http2Connection;
  readonly #head: RequestHead;
  #handler: MethodHandler | undefined = undefined;
  #httpAnswer: HttpAnswer | undefined = undefined;
  #listener: StreamListener | undefined = undefined;
  #reader: MessageReader | undefined = undefined;
  /** A whole message whose END_STREAM has not come yet; with its prefix, in its own memory. */
  #held: Buffer | undefined = undefined;
  /** The message of a unary call that went through the reader. */
  #message: Uint8Array | undefined = undefined;
  /** What this stream added to the connection's count of unfinished request bytes. */
  #countedBytes = 0;
  #requestComplete = false;
  /** The handler gave its final answer, or lost the right to. */
  #finished = false;
  #headSent = false;
  #responseHeaders: HeaderPairs | undefined = undefined;
  #cancelListener: (() => void) | undefined = undefined;
  #drainListener: (() => void) | undefined = undefined;

  constructor(connection: Http2Connection, id: number, head: RequestHead, sendWindow: number) {
    this.#connection = connection;
    this.id = id;
    this.#head = head;
    this.sendWindow = sendWindow;
    this.deadlineMs = head.timeoutMs >= 0 ? connection.host.nowMs + head.timeoutMs : Number.POSITIVE_INFINITY;
  }

  // ---- what handlers see

  get path(): string {
    return this.#head.path!.value;
  }

  get metadata(): RequestMetadata {
    return this.#head;
  }

  get peer(): Peer {
    return this.#connection.peer;
  }

  onCancel(listener: () => void): void {
    this.#cancelListener = listener;
  }

  onDrain(listener: () => void): void {
    this.#drainListener = listener;
  }

  setHeader(name: string, value: string): void {
    assertResponseHeader(name, value);
    if (this.#headSent || this.#finished) return;
    this.#responseHeaders ??= [];
    this.#responseHeaders.push([name, value]);
  }

  respond(message: Uint8Array): void {
    if (this.#finished || this.cancelled) return;
    this.#finish();
    if (this.#headSent) {
      // a handler may write before it responds
      this.#connection.output.sendMessage(this, message, false);
      this.#connection.output.sendEnd(this, 'ok');
    } else if (this.#head.encoding !== 'gzip') {
      this.#headSent = true;
      this.#connection.output.sendUnary(this, message, false, this.#responseHeaders);
    } else {
      this.#headSent = true;
      this.#respondPacked(message);
    }
  }

  fail(status: RpcStatus): void {
    if (this.#finished || this.cancelled) return;
    this.#finish();
    this.#sendStatus(status);
  }

  write(message: Uint8Array): boolean {
    if (this.#finished || this.cancelled) return false;
    this.#sendHead();
    const packs = this.#head.encoding === 'gzip' && isWorthPacking(message) && message.length <= DEFLATE_AT_ONCE_BYTES;
    const packed = packs ? deflate(message, noLater) : undefined;
    return this.#connection.output.sendMessage(this, packed ?? message, packed !== undefined);
  }

  end(): void {
    if (this.#finished || this.cancelled) return;
    this.#finish();
    this.#sendHead();
    this.#connection.output.sendEnd(this, 'ok');
  }

  // ---- the request, from the connection

  /** The request's head is complete: runs its method, or fails with what clients expect. */
  begin(tooLarge: boolean): void {
    if (tooLarge) {
      this.fail(HEADERS_TOO_LARGE);
      return;
    }
    const head = this.#head;
    const { methods } = this.#connection.host;
    const path = head.path!;
    if (head.method !== 'POST' || !isGrpcContentType(head.contentType)) {
      this.#startHttpAnswer(httpAnswerFor(head.method, head.contentType, path.value, methods)!);
      return;
    }
    // the field is shared by all calls that name it by its index: one look-up serves them all
    if (path.route === undefined) path.route = methods.get(path.value) ?? null;
    const method = path.route;
    if (method === null) this.fail(unknownMethod(path.value, methods));
    else if (!isKnownEncoding(head.encoding)) this.fail(unknownEncoding(head.encoding));
    else if (Number.isNaN(head.timeoutMs)) this.fail(malformedTimeout(head.timeoutText));
    else this.#start(method);
  }

  /** The request is not gRPC: answered over HTTP once it has arrived, its body is dropped. */
  #startHttpAnswer(answer: HttpAnswer): void {
    this.#finished = true;
    this.#httpAnswer = answer;
    this.#watchTime(true);
    if (this.remoteClosed) this.#sendHttpAnswer();
  }

  #start(handler: MethodHandler): void {
    this.#handler = handler;
    this.#watchTime(handler.kind === 'unary' && !this.remoteClosed);
    if (handler.kind === 'stream') {
      try {
        this.#listener = handler.handle(this);
      } catch (error) {
        this.#handlerThrew(error);
      }
    }
    if (this.remoteClosed) this.#read(NO_BYTES, true);
  }

  /** DATA: `bytes[from .. to)`, and whether the request ends with it. */
  receive(bytes: Buffer, from: number, to: number, ends: boolean): void {
    if (this.#finished || this.cancelled) {
      if (ends && this.#httpAnswer !== undefined) this.#sendHttpAnswer();
      return;
    }
    if (this.#reader === undefined && this.#handler!.kind === 'unary') {
      // nearly always: the whole message in one frame, and END_STREAM on it or on an empty frame behind it
      const held = this.#held;
      if (held === undefined && isWholeMessage(bytes, from, to, this.#connection.host.limits.maxReceiveMessageBytes)) {
        if (ends) this.#dispatch(bytes.subarray(from + MESSAGE_PREFIX_BYTES, to), false);
        else this.#hold(Buffer.from(bytes.subarray(from, to)));
        return;
      }
      if (held !== undefined && ends && from === to) {
        this.#held = undefined;
        this.#dispatch(held.subarray(MESSAGE_PREFIX_BYTES), true);
        return;
      }
    }
    this.#read(bytes.subarray(from, to), ends);
  }

  onMessage(message: Uint8Array, owned: boolean): void {
    if (this.#handler!.kind === 'stream') {
      try {
        this.#listener!.onMessage(message);
      } catch (error) {
        this.#handlerThrew(error);
      }
    } else if (this.#message !== undefined) {
      this.fail(SECOND_MESSAGE);
    } else {
      this.#message = owned ? message : Buffer.from(message);
    }
  }

  onEnd(): void {
    if (this.#handler!.kind === 'stream') {
      this.#requestComplete = true;
      try {
        this.#listener!.onEnd();
      } catch (error) {
        this.#handlerThrew(error);
      }
      return;
    }
    const message = this.#message;
    this.#message = undefined;
    if (message === undefined) this.fail(NO_MESSAGE);
    else this.#dispatch(message, true);
  }

  onReadFailure(status: RpcStatus, bomb: boolean): void {
    if (status.code === GrpcCode.RESOURCE_EXHAUSTED) this.#connection.host.counts.messagesTooLarge++;
    this.fail(status);
    this.#connection.charge(bomb ? FloodCost.GZIP_BOMB : FloodCost.REFUSED);
  }

  /** -1 without one. */
  get contentLength(): number {
    return this.#head.contentLength;
  }

  /** Goes on with a request that had to wait for output. */
  invokeHeld(message: Uint8Array): void {
    this.#count(0);
    this.#invoke(message);
  }

  #invoke(message: Uint8Array): void {
    if (this.#finished || this.cancelled) return;
    const handler = this.#handler!;
    if (handler.kind !== 'unary') return;
    try {
      handler.handle(this, message);
    } catch (error) {
      this.#handlerThrew(error);
    }
  }

  // ---- endings

  /** The peer reset the stream, or the connection is lost. */
  cancel(): void {
    this.#release();
    if (this.#finished || this.cancelled) return;
    this.cancelled = true;
    this.#connection.host.counts.cancelled++;
    this.#tellCancelled();
  }

  /** Ends the call from our side: tells the handler, and the client why. */
  abort(status: RpcStatus): void {
    if (this.gone) return;
    if (this.#finished) {
      // the reply waits for a peer that does not take it
      this.#connection.dropStream(this);
      return;
    }
    this.cancelled = true;
    this.#tellCancelled();
    if (this.gone) return; // the listener brought the connection down
    this.#release();
    this.#sendStatus(status);
  }

  /** The deadline wheel's call. */
  expire(nowMs: number): void {
    const counts = this.#connection.host.counts;
    if (nowMs >= this.deadlineMs) {
      counts.deadlines++;
      this.abort(DEADLINE_EXCEEDED);
    } else if (!this.#requestComplete) {
      counts.requestTimeouts++;
      this.abort(REQUEST_TIMEOUT);
    } else {
      this.#watchTime(false);
    }
  }

  /** The output queue wrote the last frame. */
  onSent(): void {
    this.#connection.closeStream(this);
  }

  onWritable(): void {
    if (this.#finished || this.cancelled || this.#drainListener === undefined) return;
    try {
      this.#drainListener();
    } catch (error) {
      this.#handlerThrew(error);
    }
  }

  /** Gives back what the stream holds outside itself. Safe to call twice. */
  #release(): void {
    this.#reader?.close();
    this.#held = undefined;
    this.#message = undefined;
    this.#count(0);
  }

  // ---- request, inside

  #watchTime(untilRequestEnds: boolean): void {
    const host = this.#connection.host;
    host.wheel.remove(this);
    this.expiresMs = untilRequestEnds
      ? Math.min(this.deadlineMs, host.nowMs + host.limits.requestTimeoutMs)
      : this.deadlineMs;
    if (this.expiresMs !== Number.POSITIVE_INFINITY) host.wheel.add(this);
  }

  #read(chunk: Uint8Array, ends: boolean): void {
    const held = this.#held;
    if (this.#reader === undefined) {
      const { maxReceiveMessageBytes } = this.#connection.host.limits;
      this.#reader = new MessageReader(this, maxReceiveMessageBytes, this.#head.encoding);
      if (held !== undefined) {
        this.#held = undefined;
        this.#reader.push(held);
      }
    }
    if (chunk.length > 0) this.#reader.push(chunk);
    if (ends) this.#reader.end();
    if (!this.gone && !this.#requestComplete) this.#count(this.#reader.bufferedBytes + (this.#message?.length ?? 0));
  }

  #hold(framed: Buffer): void {
    this.#held = framed;
    this.#count(framed.length);
  }

  #dispatch(message: Uint8Array, owned: boolean): void {
    this.#requestComplete = true;
    const { pressure } = this.#connection;
    if (this.#countedBytes !== 0) this.#count(0);
    if (pressure.holdsRequests) {
      const kept = owned ? message : Buffer.from(message);
      this.#count(kept.length);
      pressure.hold(this, kept);
    } else {
      this.#invoke(message);
    }
  }

  /** Says how many bytes of unfinished request this stream holds now. */
  #count(bytes: number): void {
    const delta = bytes - this.#countedBytes;
    if (delta === 0) return;
    this.#countedBytes = bytes;
    if (this.#connection.pressure.countRequestBytes(delta) || this.#finished) return;
    this.#connection.host.counts.requestBytesRefused++;
    this.fail({ code: GrpcCode.RESOURCE_EXHAUSTED, message: 'too many bytes of unfinished requests' });
    this.#connection.charge(FloodCost.REFUSED_BODY);
  }

  // ---- reply, inside

  #finish(): void {
    this.#finished = true;
    this.#cancelListener = undefined;
    if (this.#countedBytes !== 0 || this.#reader !== undefined) this.#release();
  }

  #sendHead(): void {
    if (this.#headSent) return;
    this.#headSent = true;
    this.#connection.output.sendHead(this.id, this.#extraHeaders());
  }

  #extraHeaders(): HeaderPairs | undefined {
    if (this.#head.encoding !== 'gzip') return this.#responseHeaders;
    return this.#responseHeaders === undefined ? GZIP_HEADER : [...GZIP_HEADER, ...this.#responseHeaders];
  }

  #respondPacked(message: Uint8Array): void {
    const output = this.#connection.output;
    if (!isWorthPacking(message)) {
      output.sendUnary(this, message, false, this.#extraHeaders());
      return;
    }
    const packed = deflate(message, (later) => {
      if (!this.gone) output.sendUnary(this, later, true, this.#extraHeaders());
    });
    if (packed !== undefined) output.sendUnary(this, packed, true, this.#extraHeaders());
  }

  #sendStatus(status: RpcStatus): void {
    this.#finished = true;
    let trailers = statusTrailers(status);
    const { output, peerMaxHeaderListBytes } = this.#connection;
    if (listBytes(trailers) > peerMaxHeaderListBytes) trailers = trailers.slice(0, 1);
    if (this.#headSent) {
      output.sendEnd(this, trailers);
      return;
    }
    this.#headSent = true;
    output.sendTrailersOnly(
      this,
      this.#responseHeaders === undefined ? trailers : [...this.#responseHeaders, ...trailers],
    );
  }

  #sendHttpAnswer(): void {
    const answer = this.#httpAnswer!;
    this.#httpAnswer = undefined;
    const body = Buffer.from(answer.body);
    const headers: HeaderPairs = statusField(answer.status);
    for (const [name, value] of answer.headers) headers.push([name, value]);
    headers.push(['content-length', String(body.length)]);
    this.#connection.host.counts.notGrpc++;
    this.#connection.output.sendPlain(this, headers, this.#head.method === 'HEAD' ? NO_BYTES : body);
  }

  #tellCancelled(): void {
    const listener = this.#cancelListener;
    this.#cancelListener = undefined;
    if (listener === undefined) return;
    try {
      listener();
    } catch (error) {
      this.#connection.host.logger.error({ err: error, path: this.path }, 'an rpc cancel listener threw');
    }
  }

  #handlerThrew(error: unknown): void {
    this.#connection.host.logger.error({ err: error, path: this.path }, 'an rpc handler threw');
    this.fail(HANDLER_FAILED);
  }
}

const NO_BYTES = Buffer.alloc(0);

function isWholeMessage(bytes: Buffer, from: number, to: number, maxBytes: number): boolean {
  const length = to - from - MESSAGE_PREFIX_BYTES;
  return length >= 0 && length <= maxBytes && bytes[from] === 0 && messageLength(bytes, from) === length;
}

function isWorthPacking(message: Uint8Array): boolean {
  return message.length >= COMPRESS_FROM_BYTES;
}

function noLater(): void {
  throw new Error('a small message is deflated at once');
}

function listBytes(pairs: HeaderPairs): number {
  let bytes = 0;
  for (const [name, value] of pairs) bytes += name.length + value.length + 32; // RFC 7541 4.1
  return bytes;
}
