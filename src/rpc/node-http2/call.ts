// One gRPC call on node:http2: translates between a Http2 stream and the neutral handler interface. Created by server.ts.
// Simple on purpose: it is the oracle for our own transport. Main loop.

import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { COMPRESS_FROM_BYTES, DEFLATE_AT_ONCE_BYTES, deflate } from '../grpc/compression.ts';
import { MessageReader, type MessageSink, messagePrefix } from '../grpc/message-reader.ts';
import { HANDLER_FAILED } from '../grpc/routing.ts';
import { ACCEPTED_ENCODINGS, assertResponseHeader, GRPC_CONTENT_TYPE, statusTrailers } from '../grpc/trailers.ts';
import type { MethodHandler, Peer, RequestMetadata, RpcStatus, ServerCall, StreamListener } from '../handler.ts';
import type { RpcLogger } from '../logger.ts';
import { GrpcCode } from '../status.ts';

export interface NodeCallOptions {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly peer: Peer;
  readonly deadlineMs: number;
  readonly encoding: string;
  readonly maxReceiveMessageBytes: number;
  readonly logger: RpcLogger;
}

export class NodeHttp2Call implements ServerCall, MessageSink {
  readonly path: string;
  readonly metadata: RequestMetadata;
  readonly peer: Peer;
  readonly deadlineMs: number;
  readonly #stream: ServerHttp2Stream;
  readonly #logger: RpcLogger;
  readonly #reader: MessageReader;
  readonly #compress: boolean;
  readonly #responseHeaders: Record<string, string> = {};
  #handler: MethodHandler | undefined;
  #listener: StreamListener | undefined;
  #request: Buffer | undefined;
  #cancelled = false;
  #finished = false;
  #headSent = false;
  #onCancel: (() => void) | undefined;
  #onDrain: (() => void) | undefined;

  constructor(options: NodeCallOptions) {
    this.#stream = options.stream;
    this.#logger = options.logger;
    this.path = options.path;
    this.metadata = nodeMetadata(options.headers);
    this.peer = options.peer;
    this.deadlineMs = options.deadlineMs;
    this.#compress = options.encoding === 'gzip';
    this.#reader = new MessageReader(this, options.maxReceiveMessageBytes, options.encoding);
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Begins to read the request for `handler`. */
  run(handler: MethodHandler): void {
    this.#handler = handler;
    if (handler.kind === 'stream') this.#guard(() => (this.#listener = handler.handle(this)));
    this.#stream.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    this.#stream.on('end', () => this.#reader.end());
    this.#stream.on('drain', () => this.#onDrain?.());
  }

  /** The client gave up, the connection was lost, or the deadline passed. */
  cancel(): void {
    if (this.#cancelled || this.#finished) return;
    this.#cancelled = true;
    this.#reader.close();
    const listener = this.#onCancel;
    this.#onCancel = undefined;
    if (listener !== undefined) this.#guard(listener);
  }

  /** Cancels the handler, and tells the client why. */
  abort(status: RpcStatus): void {
    if (this.#cancelled || this.#finished) return;
    this.cancel();
    this.#sendStatus(status);
  }

  onMessage(message: Uint8Array): void {
    if (this.#finished || this.#cancelled) return;
    if (this.#handler?.kind === 'stream') {
      this.#guard(() => this.#listener?.onMessage(message));
    } else if (this.#request !== undefined) {
      this.fail({ code: GrpcCode.INTERNAL, message: 'grpc: a unary call received more than one message' });
    } else {
      this.#request = Buffer.from(message);
    }
  }

  onEnd(): void {
    if (this.#finished || this.#cancelled) return;
    const handler = this.#handler;
    if (handler?.kind === 'stream') this.#guard(() => this.#listener?.onEnd());
    else if (this.#request === undefined) {
      this.fail({ code: GrpcCode.INTERNAL, message: 'grpc: a unary call received no message' });
    } else {
      const request = this.#request;
      this.#guard(() => handler?.handle(this, request));
    }
  }

  onReadFailure(status: RpcStatus): void {
    this.fail(status);
  }

  onCancel(listener: () => void): void {
    this.#onCancel = listener;
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener;
  }

  setHeader(name: string, value: string): void {
    assertResponseHeader(name, value);
    if (!this.#headSent) this.#responseHeaders[name] = value;
  }

  respond(message: Uint8Array): void {
    if (this.#finished || this.#cancelled) return;
    this.#finished = true;
    this.#sendHead();
    if (!this.#compress || message.length < COMPRESS_FROM_BYTES) {
      this.#sendMessage(message, false);
      this.#stream.end();
      return;
    }
    const last = (packed: Uint8Array): void => {
      if (this.#isGone()) return;
      this.#sendMessage(packed, true);
      this.#stream.end();
    };
    const packed = deflate(message, last);
    if (packed !== undefined) last(packed);
  }

  fail(status: RpcStatus): void {
    if (this.#finished || this.#cancelled) return;
    this.#finished = true;
    this.#reader.close();
    this.#sendStatus(status);
  }

  write(message: Uint8Array): boolean {
    if (this.#finished || this.#cancelled) return false;
    this.#sendHead();
    const pack = this.#compress && message.length >= COMPRESS_FROM_BYTES && message.length <= DEFLATE_AT_ONCE_BYTES;
    return pack ? this.#sendMessage(deflate(message, noLater)!, true) : this.#sendMessage(message, false);
  }

  end(): void {
    if (this.#finished || this.#cancelled) return;
    this.#finished = true;
    this.#sendHead();
    this.#stream.end();
  }

  #sendHead(): void {
    if (this.#headSent || this.#isGone()) return;
    this.#headSent = true;
    this.#trailers = { code: GrpcCode.OK, message: '' };
    this.#stream.respond({ ':status': 200, ...this.#head() }, { waitForTrailers: true });
    this.#stream.on('wantTrailers', () => {
      if (!this.#isGone()) this.#stream.sendTrailers(Object.fromEntries(statusTrailers(this.#trailers)));
    });
  }

  #trailers: RpcStatus = { code: GrpcCode.OK, message: '' };

  #head(): Record<string, string> {
    const head: Record<string, string> = {
      'content-type': GRPC_CONTENT_TYPE,
      'grpc-accept-encoding': ACCEPTED_ENCODINGS,
      ...this.#responseHeaders,
    };
    if (this.#compress) head['grpc-encoding'] = 'gzip';
    return head;
  }

  #sendMessage(message: Uint8Array, compressed: boolean): boolean {
    if (this.#isGone()) return false;
    this.#stream.write(messagePrefix(message.length, compressed));
    return this.#stream.write(message);
  }

  #sendStatus(status: RpcStatus): void {
    if (this.#isGone()) return;
    if (this.#headSent) {
      this.#trailers = status;
      this.#stream.end();
    } else {
      this.#headSent = true;
      const head = { ':status': 200, ...this.#head(), ...Object.fromEntries(statusTrailers(status)) };
      this.#stream.respond(head, { endStream: true });
    }
    // the rest of the request is read and dropped: node:http2 lets RST_STREAM overtake the answer
    this.#stream.resume();
  }

  /** node:http2 throws on streams that are closed but not destroyed yet. */
  #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#logger.error({ err: error, path: this.path }, 'an rpc handler threw');
      this.fail(HANDLER_FAILED);
    }
  }
}

function nodeMetadata(headers: IncomingHttpHeaders): RequestMetadata {
  const getAll = (name: string): readonly string[] => {
    const value = headers[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  return { getAll, get: (name) => getAll(name)[0] };
}

function noLater(): void {
  throw new Error('a small message is deflated at once');
}
