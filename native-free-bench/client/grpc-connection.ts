// One HTTP/2 connection for unary gRPC calls, made to cost the load generator little: what one turn calls leaves in one write,
// request headers are indexed after their first use (as grpc-go sends them), replies are cut out of what was received.
// Speaks to any gRPC server, in plain text. Benchmarks only: no retries here, no streams, no TLS.

import net from 'node:net';
import {
  CLIENT_PREFACE,
  DEFAULT_MAX_FRAME_BYTES,
  encodeFrame,
  Flag,
  FRAME_HEAD_BYTES,
  FrameType,
  readUint31,
  readUint32,
  writeFrameHead,
  writeUint32,
} from '../../src/rpc/http2/frame.ts';
import type { HeaderField } from '../../src/rpc/http2/header-field.ts';
import { HpackDecoder } from '../../src/rpc/http2/hpack-decoder.ts';
import { integer, literals } from '../../src/rpc/http2/hpack-encoder.ts';

/** What the server may send before we give back; given back whenever half of it was received. */
const RECEIVE_WINDOW_BYTES = 1 << 24;
/** RFC 9113 6.9.2: both windows towards the server before it says otherwise. */
const FIRST_SEND_WINDOW_BYTES = 65_535;
const SETTING_INITIAL_WINDOW = 4;
const GRPC_PREFIX_BYTES = 5;
const FIRST_DYNAMIC_INDEX = 62;
const STATUS_UNAVAILABLE = 14;
/** RFC 9113 8.7: the server has not begun with it. */
const REFUSED_STREAM = 7;
const EMPTY: Buffer = Buffer.alloc(0);

/** A call that the server refused, or that was lost with its connection. */
export class GrpcCallError extends Error {
  override readonly name = 'GrpcCallError';
  readonly code: number;
  /** The server has not seen the call: it may go again, as gRPC clients do by themselves. */
  readonly refused: boolean;
  constructor(code: number, message: string, refused = false) {
    super(message);
    this.code = code;
    this.refused = refused;
  }
}

export type CallDone = (error: GrpcCallError | undefined, reply: Buffer) => void;

interface OpenCall {
  readonly done: CallDone;
  body: Buffer;
  code: number;
  message: string;
  refused: boolean;
}

export interface ConnectionAddress {
  readonly host: string;
  readonly port: number;
}

export class GrpcConnection {
  readonly #socket: net.Socket;
  readonly #authority: string;
  readonly #calls = new Map<number, OpenCall>();
  readonly #decoder = new HpackDecoder();
  readonly #indexed = new Map<string, number>();
  readonly #heads = new Map<string, { readonly tableLength: number; readonly block: Buffer }>();
  readonly #timeouts = new Map<number, Buffer>();
  #streamId = 1;
  #output: Buffer[] = [];
  #held: { readonly frames: Buffer; readonly dataBytes: number }[] = [];
  #sendWindowBytes = FIRST_SEND_WINDOW_BYTES;
  #rest: Buffer = EMPTY;
  #headerBlock: Buffer[] = [];
  #receivedBytes = 0;
  #lost: GrpcCallError | undefined;
  #goingAway = false;

  static connect(address: ConnectionAddress): Promise<GrpcConnection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ ...address, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new GrpcConnection(socket, `${address.host}:${address.port}`));
      });
    });
  }

  private constructor(socket: net.Socket, authority: string) {
    this.#socket = socket;
    this.#authority = authority;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => this.#lose(error.message));
    socket.on('close', () => this.#lose('the connection was closed'));
    const setting = Buffer.concat([Buffer.of(0, SETTING_INITIAL_WINDOW), uint32(RECEIVE_WINDOW_BYTES)]);
    socket.write(
      Buffer.concat([
        CLIENT_PREFACE,
        encodeFrame(FrameType.SETTINGS, 0, 0, setting),
        encodeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(RECEIVE_WINDOW_BYTES)),
      ]),
    );
  }

  /** Whether new calls must go elsewhere: servers send connections away at a certain age. */
  get isGoingAway(): boolean {
    return this.#goingAway;
  }

  /** `path` is `/package.Service/Method`; `reply` is one message, a view that its receiver may keep. */
  call(path: string, message: Uint8Array, timeoutMs: number, done: CallDone): void {
    if (this.#lost !== undefined) {
      done(this.#lost, EMPTY);
      return;
    }
    const id = this.#streamId;
    this.#streamId += 2;
    this.#calls.set(id, { done, body: EMPTY, code: -1, message: '', refused: false });
    const head = this.#head(path);
    const timeout = this.#timeout(timeoutMs);
    const length = GRPC_PREFIX_BYTES + message.length;
    if (length > DEFAULT_MAX_FRAME_BYTES) {
      this.#callInFrames(id, Buffer.concat([head, timeout]), message);
      return;
    }
    const frames = Buffer.allocUnsafe(2 * FRAME_HEAD_BYTES + head.length + timeout.length + length);
    writeFrameHead(frames, 0, head.length + timeout.length, FrameType.HEADERS, Flag.END_HEADERS, id);
    let at = FRAME_HEAD_BYTES;
    frames.set(head, at);
    at += head.length;
    frames.set(timeout, at);
    at += timeout.length;
    writeFrameHead(frames, at, length, FrameType.DATA, Flag.END_STREAM, id);
    at += FRAME_HEAD_BYTES;
    frames[at] = 0;
    writeUint32(frames, at + 1, message.length);
    frames.set(message, at + GRPC_PREFIX_BYTES);
    this.#sendInOrder(frames, length);
  }

  /** A message that needs several DATA frames; still within the first window of its stream. */
  #callInFrames(id: number, headerBlock: Buffer, message: Uint8Array): void {
    const prefix = Buffer.alloc(GRPC_PREFIX_BYTES);
    writeUint32(prefix, 1, message.length);
    const body = Buffer.concat([prefix, message]);
    if (body.length > FIRST_SEND_WINDOW_BYTES) throw new Error(`a request of ${body.length} bytes`);
    const frames = [encodeFrame(FrameType.HEADERS, Flag.END_HEADERS, id, headerBlock)];
    for (let from = 0; from < body.length; from += DEFAULT_MAX_FRAME_BYTES) {
      const flags = from + DEFAULT_MAX_FRAME_BYTES >= body.length ? Flag.END_STREAM : 0;
      frames.push(encodeFrame(FrameType.DATA, flags, id, body.subarray(from, from + DEFAULT_MAX_FRAME_BYTES)));
    }
    this.#sendInOrder(Buffer.concat(frames), body.length);
  }

  /** A header block that extends the table must not be overtaken: what is held goes out in order. */
  #sendInOrder(frames: Buffer, dataBytes: number): void {
    if (this.#held.length > 0 || this.#sendWindowBytes < dataBytes) this.#held.push({ frames, dataBytes });
    else this.#send(frames, dataBytes);
  }

  close(): void {
    this.#lost ??= new GrpcCallError(STATUS_UNAVAILABLE, 'closed by the benchmark');
    this.#socket.destroy();
  }

  #send(frames: Buffer, dataBytes: number): void {
    this.#sendWindowBytes -= dataBytes;
    if (this.#output.length === 0) setImmediate(this.#flush);
    this.#output.push(frames);
  }

  readonly #flush = (): void => {
    const output = this.#output;
    this.#output = [];
    if (!this.#socket.destroyed) this.#socket.write(output.length === 1 ? output[0]! : Buffer.concat(output));
  };

  /** The fields that all calls of a method share. `:method POST` and `:scheme http` are in the static table. */
  #head(path: string): Buffer {
    const known = this.#heads.get(path);
    if (known !== undefined && known.tableLength === this.#indexed.size) return known.block;
    const fields: [string, string][] = [
      [':path', path],
      [':authority', this.#authority],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['user-agent', 'grpc-go/1.66.0'],
      ['client-name', 'temporal-go'],
      ['client-version', '1.38.0'],
      ['supported-server-versions', '>=1.0.0 <2.0.0'],
    ];
    const tableLength = this.#indexed.size;
    const parts: Buffer[] = [Buffer.of(0x83, 0x86)];
    for (const [name, value] of fields) {
      const key = `${name}: ${value}`;
      const added = this.#indexed.get(key);
      if (added === undefined) {
        this.#indexed.set(key, this.#indexed.size);
        parts.push(literals([[name, value]], 0x40));
      } else {
        parts.push(integer(FIRST_DYNAMIC_INDEX + this.#indexed.size - 1 - added, 7, 0x80));
      }
    }
    const block = Buffer.concat(parts);
    if (tableLength === this.#indexed.size) this.#heads.set(path, { tableLength, block });
    return block;
  }

  #timeout(timeoutMs: number): Buffer {
    let field = this.#timeouts.get(timeoutMs);
    if (field === undefined) {
      field = literals([['grpc-timeout', `${timeoutMs}m`]], 0x00);
      this.#timeouts.set(timeoutMs, field);
    }
    return field;
  }

  #onData(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > RECEIVE_WINDOW_BYTES >> 1) {
      this.#socket.write(encodeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(this.#receivedBytes)));
      this.#receivedBytes = 0;
    }
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      const from = at + FRAME_HEAD_BYTES;
      if (bytes.length < from + length) break;
      this.#onFrame(bytes[at + 3]!, bytes[at + 4]!, readUint31(bytes, at + 5), bytes.subarray(from, from + length));
      at = from + length;
    }
    this.#rest = at === bytes.length ? EMPTY : bytes.subarray(at);
  }

  #onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    switch (type) {
      case FrameType.DATA: {
        const call = this.#calls.get(streamId);
        if (call === undefined) return;
        call.body = call.body.length === 0 ? payload : Buffer.concat([call.body, payload]);
        if ((flags & Flag.END_STREAM) !== 0) this.#finish(streamId);
        return;
      }
      case FrameType.HEADERS: {
        const from = (flags & Flag.PRIORITY) !== 0 ? 5 : 0;
        this.#onHeaderBlock(flags, streamId, from === 0 ? payload : payload.subarray(from));
        return;
      }
      case FrameType.CONTINUATION:
        this.#onHeaderBlock(flags, streamId, payload);
        return;
      case FrameType.SETTINGS:
        if ((flags & Flag.ACK) === 0) this.#socket.write(encodeFrame(FrameType.SETTINGS, Flag.ACK, 0, EMPTY));
        return;
      case FrameType.PING:
        // Behind the calls of this turn: a server that goes away takes none after the answer to its ping (RFC 9113 6.8).
        if ((flags & Flag.ACK) === 0) this.#send(encodeFrame(FrameType.PING, Flag.ACK, 0, payload), 0);
        return;
      case FrameType.WINDOW_UPDATE:
        // Of single streams nothing need be known: no request reaches the first window of one.
        if (streamId === 0) this.#release(readUint32(payload, 0));
        return;
      case FrameType.RST_STREAM: {
        const call = this.#calls.get(streamId);
        if (call === undefined) return;
        call.code = STATUS_UNAVAILABLE;
        const reason = readUint32(payload, 0);
        call.message = `stream reset with code ${reason}`;
        call.refused = reason === REFUSED_STREAM;
        this.#finish(streamId);
        return;
      }
      case FrameType.GOAWAY:
        // Its calls go on; new ones would be refused.
        this.#goingAway = true;
        return;
    }
  }

  #release(bytes: number): void {
    this.#sendWindowBytes += bytes;
    let sent = 0;
    for (; sent < this.#held.length; sent++) {
      const { frames, dataBytes } = this.#held[sent]!;
      if (this.#sendWindowBytes < dataBytes) break;
      this.#send(frames, dataBytes);
    }
    if (sent > 0) this.#held = this.#held.slice(sent);
  }

  #onHeaderBlock(flags: number, streamId: number, payload: Buffer): void {
    if ((flags & Flag.END_STREAM) !== 0) {
      const ending = this.#calls.get(streamId);
      if (ending !== undefined) ending.message = 'ended without a status';
    }
    this.#headerBlock.push(payload);
    if ((flags & Flag.END_HEADERS) === 0) return;
    const block = this.#headerBlock.length === 1 ? payload : Buffer.concat(this.#headerBlock);
    this.#headerBlock = [];
    const call = this.#calls.get(streamId);
    this.#decoder.decode(block, 0, block.length, {
      addField(field: HeaderField): void {
        if (call === undefined) return;
        if (field.name === 'grpc-status') call.code = Number(field.value);
        else if (field.name === 'grpc-message') call.message = decodeURIComponent(field.value);
      },
    });
    // In an answer that is only trailers, and in trailers, the status ends the call; a head never carries it.
    if (call !== undefined && call.code >= 0) this.#finish(streamId);
  }

  #finish(streamId: number): void {
    const call = this.#calls.get(streamId);
    if (call === undefined) return;
    this.#calls.delete(streamId);
    if (call.code === 0) call.done(undefined, call.body.subarray(GRPC_PREFIX_BYTES));
    else call.done(new GrpcCallError(call.code, call.message, call.refused), EMPTY);
  }

  #lose(reason: string): void {
    this.#lost ??= new GrpcCallError(STATUS_UNAVAILABLE, reason);
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { done } of calls) done(this.#lost, EMPTY);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  writeUint32(bytes, 0, value);
  return bytes;
}
