// What a hostile or broken client may do to the port. Each attack goes on until the server ends it or its time is up; it runs
// in a worker thread of its own (attack-worker.ts), so that the probe beside it keeps its loop to itself.

import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { integer } from '../../src/rpc/http2/hpack-encoder.ts';
import { LAB } from './lab-service.ts';
import {
  CLIENT_PREFACE,
  connectionStart,
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcMessage,
  RawConnection,
  readGoaway,
  requestBlock,
  setting,
  uint32,
  unaryCall,
} from './raw-http2.ts';

export interface AttackResult {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Whether the server ended the connection, and the code in its last GOAWAY. */
  readonly closed: boolean;
  readonly goawayCode: number | undefined;
}

type Send = (bytes: Uint8Array) => Promise<boolean>;
type Attack = (send: Send, connection: RawConnection) => Promise<void>;

const INITIAL_WINDOW_SIZE = 4;
const HUGE_WINDOW = 0x7f000000;

function repeat(times: number, make: (i: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: times }, (_, i) => make(i)));
}

const calls = (path: string, body: Uint8Array) => {
  let streamId = 1;
  return (): Buffer => {
    const call = unaryCall(streamId, path, body);
    streamId += 2;
    return call;
  };
};

/** Attacks over one connection that has said hello properly. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'rapid reset before the request': async (send) => {
    let streamId = 1;
    const block = requestBlock(`${LAB}Park`);
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      return Buffer.concat([
        frame(FrameType.HEADERS, END_HEADERS, id, block),
        frame(FrameType.RST_STREAM, 0, id, uint32(8)),
      ]);
    };
    while (await send(repeat(200, one)));
  },
  'rapid reset of whole calls': async (send) => {
    let streamId = 1;
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      return Buffer.concat([
        unaryCall(id, `${LAB}Park`, Buffer.alloc(10)),
        frame(FrameType.RST_STREAM, 0, id, uint32(8)),
      ]);
    };
    while (await send(repeat(200, one)));
  },
  'CONTINUATION flood': async (send) => {
    await send(frame(FrameType.HEADERS, 0, 1, requestBlock(`${LAB}Small`)));
    while (await send(repeat(20, () => frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(16_000, 0x82)))));
  },
  'empty CONTINUATION flood': async (send) => {
    await send(frame(FrameType.HEADERS, 0, 1, requestBlock(`${LAB}Small`)));
    while (await send(repeat(1000, () => frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(0)))));
  },
  'HPACK bomb': async (send) => {
    // one entry of 4,000 bytes, then blocks that are nothing but references to it
    const big = Buffer.concat([Buffer.of(0x40, 1, 0x78), integer(4000, 7, 0), Buffer.alloc(4000, 0x61)]);
    await send(
      frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, Buffer.concat([requestBlock(`${LAB}Small`), big])),
    );
    let streamId = 3;
    while (await send(frame(FrameType.HEADERS, END_HEADERS | END_STREAM, streamId, Buffer.alloc(16_000, 0xbe))))
      streamId += 2;
  },
  'headers over the limit': async (send) => {
    const lines = Array.from({ length: 5 }, (_, i): [string, string] => [`x-${i}`, 'y'.repeat(15_000)]);
    const block = requestBlock(`${LAB}Small`, lines);
    let streamId = 1;
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      const parts = [frame(FrameType.HEADERS, END_STREAM, id, block.subarray(0, 16_000))];
      for (let at = 16_000; at < block.length; at += 16_000) {
        const flags = at + 16_000 >= block.length ? END_HEADERS : 0;
        parts.push(frame(FrameType.CONTINUATION, flags, id, block.subarray(at, at + 16_000)));
      }
      return Buffer.concat(parts);
    };
    while (await send(one()));
  },
  'PING flood without reading': async (send, connection) => {
    connection.socket.pause();
    while (await send(repeat(1000, () => frame(FrameType.PING, 0, 0, Buffer.alloc(8)))));
  },
  'SETTINGS flood': async (send) => {
    while (
      await send(repeat(500, (i) => frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 65535 - (i & 1)))))
    );
  },
  'SETTINGS flood over many streams': async (send) => {
    await send(repeat(5000, calls(`${LAB}Park`, Buffer.alloc(1))));
    while (
      await send(repeat(500, (i) => frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 65535 - (i & 1)))))
    );
  },
  'PRIORITY flood': async (send) => {
    while (await send(repeat(1000, (i) => frame(FrameType.PRIORITY, 0, 1 + 2 * i, Buffer.alloc(5)))));
  },
  'unknown frames': async (send) => {
    while (await send(repeat(1000, () => frame(0x42, 0, 0, Buffer.alloc(0)))));
  },
  'WINDOW_UPDATE flood': async (send) => {
    await send(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)));
    while (await send(repeat(1000, (i) => frame(FrameType.WINDOW_UPDATE, 0, i & 1, uint32(1)))));
  },
  'empty DATA flood': async (send) => {
    await send(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)));
    while (await send(repeat(1000, () => frame(FrameType.DATA, 0, 1, Buffer.alloc(0)))));
  },
  '1-byte DATA flood': async (send) => {
    await send(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)));
    while (await send(repeat(1000, () => frame(FrameType.DATA, 0, 1, Buffer.of(0)))));
  },
  'DATA of padding only': async (send) => {
    await send(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)));
    const padding = Buffer.alloc(256);
    padding[0] = 255;
    while (await send(repeat(200, () => frame(FrameType.DATA, 8, 1, padding))));
  },
  'one byte of a message per read of noise': async (send) => {
    // each byte would keep a read buffer of 64 KiB alive, if messages were kept as views
    await send(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)));
    await send(frame(FrameType.DATA, 0, 1, Buffer.of(0, 0, 0x3f, 0xff, 0xff)));
    let streamId = 3;
    const noise = Buffer.alloc(15_000);
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      return unaryCall(id, `${LAB}Small`, noise);
    };
    while (await send(Buffer.concat([repeat(4, one), frame(FrameType.DATA, 0, 1, Buffer.of(7))])));
  },
  'slow reader with full windows': async (send, connection) => {
    connection.socket.pause();
    await send(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(HUGE_WINDOW)));
    await send(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, HUGE_WINDOW)));
    const next = calls(`${LAB}Big`, Buffer.alloc(0));
    while (await send(repeat(50, next)));
  },
  'slow reader without a window': async (send) => {
    await send(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 0)));
    const next = calls(`${LAB}Big`, Buffer.alloc(0));
    while (await send(repeat(50, next)));
  },
  'slow reader of late answers': async (send, connection) => {
    connection.socket.pause();
    await send(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 0)));
    const next = calls(`${LAB}BigLater`, Buffer.alloc(0));
    while (await send(repeat(50, next)));
  },
  'half bodies on many streams': async (send) => {
    let streamId = 1;
    const half = Buffer.concat([Buffer.of(0, 0, 0x3f, 0xff, 0xff), Buffer.alloc(16_000)]);
    const block = requestBlock(`${LAB}Echo`);
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      return Buffer.concat([frame(FrameType.HEADERS, END_HEADERS, id, block), frame(FrameType.DATA, 0, id, half)]);
    };
    while (await send(repeat(20, one)));
  },
  'announced lengths that never come': async (send) => {
    let streamId = 1;
    const block = requestBlock(`${LAB}Echo`);
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      return Buffer.concat([
        frame(FrameType.HEADERS, END_HEADERS, id, block),
        frame(FrameType.DATA, 0, id, Buffer.of(0, 0, 0x3f, 0xff, 0xff, 1)),
      ]);
    };
    while (await send(repeat(100, one)));
  },
  'gzip bombs': async (send) => {
    const bomb = grpcMessage(gzipSync(Buffer.alloc(60 << 20), { level: 9 }), true);
    const block = requestBlock(`${LAB}Echo`, [['grpc-encoding', 'gzip']]);
    let streamId = 1;
    const one = (): Buffer => {
      const id = streamId;
      streamId += 2;
      const parts = [frame(FrameType.HEADERS, END_HEADERS, id, block)];
      for (let at = 0; at < bomb.length; at += 16_000) {
        const last = at + 16_000 >= bomb.length;
        parts.push(frame(FrameType.DATA, last ? END_STREAM : 0, id, bomb.subarray(at, at + 16_000)));
      }
      return Buffer.concat(parts);
    };
    while (await send(one()));
  },
  'byte by byte': async (send) => {
    const call = unaryCall(1, `${LAB}Small`, Buffer.alloc(300));
    for (const byte of call) if (!(await send(Buffer.of(byte)))) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  },
};

/** Many calls that are cancelled, as a worker host does that restarts: must not be taken for an attack. */
async function heavyCancelling(send: Send): Promise<void> {
  let streamId = 1;
  for (let round = 0; round < 20; round++) {
    const first = streamId;
    const parts: Buffer[] = [];
    for (let i = 0; i < 1000; i++, streamId += 2) parts.push(unaryCall(streamId, `${LAB}Park`, Buffer.alloc(100)));
    await send(Buffer.concat(parts));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const resets: Buffer[] = [];
    for (let id = first; id < streamId; id += 2) resets.push(frame(FrameType.RST_STREAM, 0, id, uint32(8)));
    if (!(await send(Buffer.concat(resets)))) return;
  }
}

/** Runs one attack for up to `ms`. */
export async function attack(name: string, port: number, ms: number): Promise<AttackResult> {
  const connection = await RawConnection.open(port);
  const end = Date.now() + ms;
  let sentBytes = 0;
  const send: Send = async (bytes) => {
    if (connection.closed || Date.now() > end) return false;
    sentBytes += bytes.length;
    if (!connection.write(bytes)) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        connection.socket.once('drain', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
    return !connection.closed && Date.now() < end;
  };
  await send(connectionStart());
  await (name === 'heavy cancelling' ? heavyCancelling : ATTACKS[name]!)(send, connection);
  connection.socket.resume();
  const settle = Date.now() + 300;
  while (!connection.closed && Date.now() < settle) await new Promise((resolve) => setTimeout(resolve, 10));
  const closed = connection.closed;
  const last = connection.frames.findLast((one) => one.type === FrameType.GOAWAY);
  connection.destroy();
  const goawayCode = last === undefined ? undefined : readGoaway(last).code;
  return { sentBytes, receivedBytes: connection.receivedBytes, closed, goawayCode };
}

/** Connections that say nothing, or no more than hello. Returns the function that closes them. */
export async function idleConnections(port: number, count: number, hello: boolean): Promise<() => number> {
  const sockets: net.Socket[] = [];
  let closedByServer = 0;
  for (let opened = 0; opened < count; opened += 200) {
    await Promise.all(
      Array.from({ length: Math.min(200, count - opened) }, (_, i) => {
        // 127.0.0.0/8 has room for more connections than one address has ports
        const socket = net.connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + ((opened + i) % 8)}` });
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => closedByServer++);
        socket.resume();
        return new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.once('connect', () => {
            if (hello) socket.write(Buffer.concat([CLIENT_PREFACE, frame(FrameType.SETTINGS, 0, 0, Buffer.alloc(0))]));
            resolve();
          });
        });
      }),
    );
  }
  return () => {
    const closed = closedByServer;
    for (const socket of sockets) socket.destroy();
    return closed;
  };
}
