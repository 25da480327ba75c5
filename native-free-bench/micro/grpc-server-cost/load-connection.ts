// A client connection without any library: sends unary calls as grpc-go frames them, with header fields indexed after the
// first call, a fresh timeout in each, and HEADERS and DATA in one write. Replies are recognised by their trailers.

import net from 'node:net';
import { CLIENT_PREFACE, encodeFrame, FrameType, readUint32, writeUint32 } from '../../../src/rpc/http2/frame.ts';
import { integer, literals } from '../../../src/rpc/http2/hpack-encoder.ts';

const END_STREAM = 1;
const END_HEADERS = 4;
/** Given back to the server whenever half of it was received. */
const WINDOW_BYTES = 1 << 24;
const REQUEST_BYTES = 300;

export const LAB = '/lab.Test/';

/** A gRPC message as a Temporal call has it in size. */
export const REQUEST = Buffer.concat([Buffer.of(0), uint32(REQUEST_BYTES), Buffer.alloc(REQUEST_BYTES, 'workflow-id')]);

export class LoadConnection {
  readonly socket: net.Socket;
  readonly #indexed = new Map<string, number>();
  #streamId = 1;
  #out: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #received = 0;
  readonly #done = new Map<number, (body: Buffer) => void>();
  readonly #bodies = new Map<number, Buffer>();

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    const window = Buffer.concat([Buffer.of(0, 4), uint32(WINDOW_BYTES)]);
    this.socket.write(
      Buffer.concat([
        CLIENT_PREFACE,
        encodeFrame(FrameType.SETTINGS, 0, 0, window),
        encodeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(WINDOW_BYTES)),
      ]),
    );
  }

  /** Starts a call; what is started in one turn leaves in one write. */
  call(path: string, body: Buffer, done: (reply: Buffer) => void): void {
    const id = this.#streamId;
    this.#streamId += 2;
    this.#done.set(id, done);
    if (this.#out.length === 0) setImmediate(() => this.#flush());
    this.#out.push(
      encodeFrame(FrameType.HEADERS, END_HEADERS, id, this.#block(path)),
      encodeFrame(FrameType.DATA, END_STREAM, id, body),
    );
  }

  #flush(): void {
    this.socket.write(Buffer.concat(this.#out));
    this.#out = [];
  }

  /** `:method POST` and `:scheme http` are static; the rest is put into the table once; the timeout is new each time. */
  #block(path: string): Buffer {
    const parts: Buffer[] = [Buffer.of(0x83, 0x86)];
    const fields: [string, string][] = [
      [':path', path],
      [':authority', '127.0.0.1'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['user-agent', 'raw-load/1'],
      ['client-name', 'temporal-go'],
      ['client-version', '1.38.0'],
      ['supported-server-versions', '>=1.0.0 <2.0.0'],
      ['temporal-namespace', 'default'],
      ['authorization', `Bearer ${'aB3_-x9'.repeat(28)}`],
    ];
    for (const [name, value] of fields) {
      const key = `${name}: ${value}`;
      const added = this.#indexed.get(key);
      if (added === undefined) {
        this.#indexed.set(key, this.#indexed.size);
        parts.push(literals([[name, value]], 0x40));
      } else {
        parts.push(integer(62 + this.#indexed.size - 1 - added, 7, 0x80));
      }
    }
    parts.push(literals([['grpc-timeout', `${9_000_000 + (this.#streamId % 999_999)}u`]], 0x00));
    return Buffer.concat(parts);
  }

  #onData(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#received > WINDOW_BYTES >> 1) {
      this.socket.write(encodeFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(this.#received)));
      this.#received = 0;
    }
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 9) {
      const length = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
      if (bytes.length < 9 + length) break;
      this.#onFrame(bytes[3]!, bytes[4]!, readUint32(bytes, 5), bytes.subarray(9, 9 + length));
      bytes = bytes.subarray(9 + length);
    }
    this.#rest = bytes;
  }

  #onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (type === FrameType.DATA) {
      const before = this.#bodies.get(streamId);
      this.#bodies.set(streamId, before === undefined ? payload : Buffer.concat([before, payload]));
    } else if (type === FrameType.SETTINGS && (flags & 1) === 0) {
      this.socket.write(encodeFrame(FrameType.SETTINGS, 1, 0, Buffer.alloc(0)));
    } else if (type === FrameType.PING && (flags & 1) === 0) {
      this.socket.write(encodeFrame(FrameType.PING, 1, 0, payload));
    } else if (type === FrameType.GOAWAY || type === FrameType.RST_STREAM) {
      throw new Error(`the server said ${type} on ${streamId}: ${payload.toString('latin1')}`);
    } else if (type === FrameType.HEADERS && (flags & END_STREAM) !== 0) {
      const done = this.#done.get(streamId);
      const body = this.#bodies.get(streamId);
      this.#done.delete(streamId);
      this.#bodies.delete(streamId);
      if (body === undefined) throw new Error(`call ${streamId} failed`);
      done?.(body.subarray(5));
    }
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  writeUint32(bytes, 0, value);
  return bytes;
}
