// HTTP/2 by hand, for tests that a well-behaved client library cannot write: frames, header blocks, a socket that collects
// what the server says.

import net from 'node:net';
import tls from 'node:tls';
import { CLIENT_PREFACE, encodeFrame, FrameType } from '../../src/rpc/http2/frame.ts';
import { literals } from '../../src/rpc/http2/hpack-encoder.ts';

export { CLIENT_PREFACE, encodeFrame as frame, FrameType } from '../../src/rpc/http2/frame.ts';

export const END_STREAM = 1;
export const END_HEADERS = 4;

/** A gRPC message with its prefix. */
export function grpcMessage(body: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function setting(id: number, value: number): Buffer {
  return Buffer.concat([Buffer.of(id >> 8, id & 255), uint32(value)]);
}

/** The header block of a gRPC request; literals without indexing, so that it means the same at any time. */
export function requestBlock(path: string, extra: [string, string][] = []): Buffer {
  return literals(
    [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'lab'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ...extra,
    ],
    0x00,
  );
}

/** HEADERS and DATA of one unary call. */
export function unaryCall(streamId: number, path: string, body: Uint8Array, extra: [string, string][] = []): Buffer {
  return Buffer.concat([
    encodeFrame(FrameType.HEADERS, END_HEADERS, streamId, requestBlock(path, extra)),
    encodeFrame(FrameType.DATA, END_STREAM, streamId, grpcMessage(body)),
  ]);
}

export function connectionStart(settings: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([CLIENT_PREFACE, encodeFrame(FrameType.SETTINGS, 0, 0, settings)]);
}

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** A socket with the frames that came in on it. */
export class RawConnection {
  readonly socket: net.Socket;
  readonly frames: ReceivedFrame[] = [];
  receivedBytes = 0;
  closed = false;
  /** Everything as it came, while it is no more than this test needs. */
  raw = Buffer.alloc(0);
  readonly #waiters = new Set<() => void>();
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', () => this.#wake());
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open(
    port: number,
    options: { tls?: tls.ConnectionOptions; localPort?: number } = {},
  ): Promise<RawConnection> {
    const socket =
      options.tls === undefined
        ? net.connect({ port, host: '127.0.0.1', noDelay: true })
        : tls.connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], ...options.tls });
    await new Promise<void>((resolve, reject) => {
      socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => resolve());
      socket.once('error', reject);
    });
    return new RawConnection(socket);
  }

  /** Opens, and says hello. */
  static async start(port: number, settings?: Buffer): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    connection.write(connectionStart(settings));
    return connection;
  }

  write(...parts: Uint8Array[]): boolean {
    if (this.closed || !this.socket.writable) return false;
    return this.socket.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  }

  /** Waits for the first frame that fits; fails when the connection closes or time is up. */
  async frame(fits: (frame: ReceivedFrame) => boolean, what = 'a frame', timeoutMs = 5000): Promise<ReceivedFrame> {
    const found = (): ReceivedFrame | undefined => this.frames.find(fits);
    await this.#until(() => found() !== undefined || this.closed, what, timeoutMs);
    const frame = found();
    if (frame === undefined) throw new Error(`the connection closed before ${what}`);
    return frame;
  }

  async goaway(timeoutMs = 5000): Promise<{ code: number; lastStreamId: number; text: string }> {
    const frame = await this.frame((one) => one.type === FrameType.GOAWAY, 'GOAWAY', timeoutMs);
    return readGoaway(frame);
  }

  reset(streamId: number): Promise<number> {
    return this.frame(
      (one) => one.type === FrameType.RST_STREAM && one.streamId === streamId,
      `RST_STREAM ${streamId}`,
    ).then((frame) => frame.payload.readUInt32BE(0));
  }

  /** Waits for the last frame of a reply; returns all its DATA. */
  async reply(streamId: number, timeoutMs = 5000): Promise<Buffer> {
    const ends = (one: ReceivedFrame): boolean =>
      one.streamId === streamId && (one.type === 0 || one.type === 1) && (one.flags & END_STREAM) !== 0;
    await this.frame(ends, `the reply on ${streamId}`, timeoutMs);
    return Buffer.concat(
      this.frames.filter((one) => one.streamId === streamId && one.type === 0).map((one) => one.payload),
    );
  }

  async closing(timeoutMs = 5000): Promise<void> {
    await this.#until(() => this.closed, 'the end of the connection', timeoutMs);
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #until(holds: () => boolean, what: string, timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiters.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 50);
        this.#waiters.add(wake);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  #onData(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    if (this.raw.length < 65536) this.raw = Buffer.concat([this.raw, chunk]);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < 9 + length) break;
      const streamId = this.#rest.readUInt32BE(5) & 0x7fffffff;
      const payload = this.#rest.subarray(9, 9 + length);
      if (this.frames.length < 100_000) {
        this.frames.push({ type: this.#rest[3]!, flags: this.#rest[4]!, streamId, payload: Buffer.from(payload) });
      }
      this.#rest = this.#rest.subarray(9 + length);
    }
    this.#wake();
  }
}

export function readGoaway(frame: ReceivedFrame): { code: number; lastStreamId: number; text: string } {
  const { payload } = frame;
  return {
    lastStreamId: payload.readUInt32BE(0),
    code: payload.readUInt32BE(4),
    text: payload.subarray(8).toString('latin1'),
  };
}
