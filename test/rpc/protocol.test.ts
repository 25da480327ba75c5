// Our HTTP/2 layer, frame by frame, in what neither h2spec nor a client library reaches. Ours only.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { HpackDecoder } from '../../src/rpc/http2/hpack-decoder.ts';
import { integer, literals } from '../../src/rpc/http2/hpack-encoder.ts';
import { createRpcServer, type RpcServer } from '../../src/rpc/index.ts';
import { eventually } from './grpc-client.ts';
import { BIG_REPLY, LAB, type LabState, labService, SMALL_REPLY } from './lab-service.ts';
import {
  CLIENT_PREFACE,
  connectionStart,
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  grpcMessage,
  RawConnection,
  requestBlock,
  setting,
  uint32,
  unaryCall,
} from './raw-http2.ts';

const HEADER_TABLE_SIZE = 1;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME_SIZE = 5;
const MAX_HEADER_LIST_SIZE = 6;

/** The fields of all header blocks of a stream, read with one decoder for the connection. */
function fieldsOf(connection: RawConnection, streamId: number): Record<string, string> {
  const decoder = new HpackDecoder();
  const fields: Record<string, string> = {};
  let block: Buffer = Buffer.alloc(0);
  for (const one of connection.frames) {
    if (one.type !== FrameType.HEADERS && one.type !== FrameType.CONTINUATION) continue;
    block = Buffer.concat([block, one.payload]);
    if ((one.flags & END_HEADERS) === 0) continue;
    decoder.decode(block, 0, block.length, {
      addField: ({ name, value }) => {
        if (one.streamId === streamId) fields[name] = value;
      },
    });
    block = Buffer.alloc(0);
  }
  return fields;
}

describe('our HTTP/2', () => {
  let server: RpcServer;
  let port: number;
  let state: LabState;

  before(async () => {
    const lab = labService();
    state = lab.state;
    server = createRpcServer({ host: '127.0.0.1', port: 0, methods: lab.methods });
    port = (await server.start()).port;
  });

  after(() => server.stop(0));

  async function withConnection(body: (connection: RawConnection) => Promise<void>, settings?: Buffer): Promise<void> {
    const connection = await RawConnection.start(port, settings);
    try {
      await body(connection);
    } finally {
      connection.destroy();
    }
  }

  it('serves a call that arrives byte by byte', () =>
    withConnection(async (connection) => {
      for (const byte of unaryCall(1, `${LAB}Echo`, Buffer.from('hello'))) {
        connection.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.deepEqual(await connection.reply(1), grpcMessage(Buffer.from('hello')));
    }));

  it('answers an HTTP/1 request in HTTP/1', async () => {
    for (const text of [
      'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
      'POST /lab.Test/Echo HTTP/1.1\r\n\r\n',
      'PUT / HTTP/1.0\r\n',
    ]) {
      const connection = await RawConnection.open(port);
      connection.write(Buffer.from(text));
      await connection.closing();
      assert.match(connection.raw.toString(), /^HTTP\/1\.1 400 Bad Request\r\n.*gRPC over HTTP\/2/s);
    }
  });

  it('ends a connection that speaks neither', async () => {
    const connection = await RawConnection.open(port);
    connection.write(Buffer.from('PRI * HTTP/3.0\r\n\r\n'));
    assert.equal((await connection.goaway()).code, 1);
    await connection.closing();
  });

  it('takes a preface in two parts', async () => {
    const connection = await RawConnection.open(port);
    const start = Buffer.concat([connectionStart(), unaryCall(1, `${LAB}Small`, Buffer.alloc(0))]);
    connection.write(start.subarray(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 20));
    connection.write(start.subarray(10));
    assert.deepEqual(await connection.reply(1), grpcMessage(SMALL_REPLY));
    connection.destroy();
  });

  it('wants SETTINGS first', async () => {
    const connection = await RawConnection.open(port);
    connection.write(CLIENT_PREFACE, frame(FrameType.PING, 0, 0, Buffer.alloc(8)));
    assert.equal((await connection.goaway()).code, 1);
    const other = await RawConnection.open(port);
    other.write(CLIENT_PREFACE, frame(FrameType.SETTINGS, 1, 0, Buffer.alloc(0)));
    assert.equal((await other.goaway()).code, 1);
  });

  it('sends within the window that it is given, and goes on when it grows', () =>
    withConnection(
      async (connection) => {
        connection.write(unaryCall(1, `${LAB}Echo`, Buffer.from('0123456789')));
        await connection.frame((one) => one.type === FrameType.DATA && one.payload.length === 4);
        connection.write(frame(FrameType.WINDOW_UPDATE, 0, 1, uint32(3)));
        await connection.frame((one) => one.type === FrameType.DATA && one.payload.length === 3);
        connection.write(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 100)));
        assert.deepEqual(await connection.reply(1), grpcMessage(Buffer.from('0123456789')));
        assert.equal(fieldsOf(connection, 1)['grpc-status'], '0');
      },
      setting(INITIAL_WINDOW_SIZE, 4),
    ));

  it('lets a window go below zero and come back (RFC 9113 6.9.2)', () =>
    withConnection(async (connection) => {
      connection.write(unaryCall(1, `${LAB}Big`, Buffer.alloc(0)));
      await connection.frame((one) => one.type === FrameType.DATA);
      connection.write(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 0)));
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 21)));
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 1, uint32(1 << 21)));
      assert.equal((await connection.reply(1)).length, BIG_REPLY.length + 5);
    }));

  it('shares the window of the connection between streams', () =>
    withConnection(async (connection) => {
      connection.write(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 1 << 21)));
      for (const id of [1, 3, 5]) connection.write(unaryCall(id, `${LAB}Big`, Buffer.alloc(0)));
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 20)));
      await eventually(() => connection.receivedBytes > (1 << 20) + 65_535, 'the window is used up');
      for (const id of [1, 3, 5]) {
        assert.ok(
          connection.frames.some((one) => one.type === FrameType.DATA && one.streamId === id),
          `${id} has its turn`,
        );
      }
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 22)));
      for (const id of [1, 3, 5]) assert.equal((await connection.reply(id)).length, BIG_REPLY.length + 5);
    }));

  it('sends frames as large as the peer takes, within reason', () =>
    withConnection(
      async (connection) => {
        connection.write(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 22)));
        connection.write(unaryCall(1, `${LAB}Big`, Buffer.alloc(0)));
        await connection.reply(1);
        const largest = Math.max(...connection.frames.map((one) => one.payload.length));
        assert.equal(largest, 31 * 1024);
      },
      Buffer.concat([setting(MAX_FRAME_SIZE, 1 << 20), setting(INITIAL_WINDOW_SIZE, 1 << 22)]),
    ));

  it('encodes without a table for a peer that has none (RFC 7541 4.2)', () =>
    withConnection(
      async (connection) => {
        for (const id of [1, 3]) connection.write(unaryCall(id, `${LAB}Small`, Buffer.alloc(0)));
        await connection.reply(3);
        const blocks = connection.frames.filter((one) => one.type === FrameType.HEADERS).map((one) => one.payload);
        assert.equal(blocks[0]![0], 0x20);
        for (const block of blocks.slice(1)) assert.ok(block.length > 10, 'literal');
      },
      setting(HEADER_TABLE_SIZE, 0),
    ));

  it('leaves out what the peer has no room for in trailers', () =>
    withConnection(
      async (connection) => {
        connection.write(unaryCall(1, `${LAB}Fail`, Buffer.alloc(0)));
        await connection.reply(1);
        const fields = fieldsOf(connection, 1);
        assert.equal(fields['grpc-status'], '5');
        assert.equal(fields['grpc-message'], undefined);
      },
      setting(MAX_HEADER_LIST_SIZE, 100),
    ));

  it('splits a long header block into CONTINUATION frames', () =>
    withConnection(async (connection) => {
      connection.write(unaryCall(1, `${LAB}FailLong`, Buffer.alloc(0)));
      await connection.reply(1);
      assert.ok(connection.frames.some((one) => one.type === FrameType.CONTINUATION));
      assert.equal(Buffer.from(fieldsOf(connection, 1)['grpc-status-details-bin']!, 'base64').length, 30_000);
    }));

  it('answers gzip with gzip, in its announced encoding, when it pays', () =>
    withConnection(async (connection) => {
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 24)));
      const gzip: [string, string][] = [['grpc-encoding', 'gzip']];
      for (const [id, path] of [
        [1, 'Small'],
        [3, 'Big'],
        [5, 'Medium'],
      ] as const) {
        connection.write(
          frame(FrameType.HEADERS, END_HEADERS, id, requestBlock(LAB + path, gzip)),
          frame(FrameType.DATA, END_STREAM, id, grpcMessage(gzipSync(Buffer.from('x')), true)),
        );
      }
      assert.deepEqual(await connection.reply(1), grpcMessage(SMALL_REPLY));
      for (const id of [3, 5]) {
        const reply = await connection.reply(id);
        assert.equal(reply[0], 1);
        assert.equal(gunzipSync(reply.subarray(5))[0], 0x42);
      }
      for (const id of [1, 3, 5]) assert.equal(fieldsOf(connection, id)['grpc-encoding'], 'gzip');
      assert.equal(fieldsOf(connection, 1)['grpc-accept-encoding'], 'identity,gzip');
    }));

  it('says which encodings it knows to a client with another', () =>
    withConnection(async (connection) => {
      const block = requestBlock(`${LAB}Echo`, [['grpc-encoding', 'snappy']]);
      connection.write(frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, block));
      await connection.reply(1);
      const fields = fieldsOf(connection, 1);
      assert.equal(fields['grpc-status'], '12');
      assert.match(fields['grpc-message']!, /Decompressor is not installed for grpc-encoding "snappy"/);
      assert.equal(fields['grpc-accept-encoding'], 'identity,gzip');
    }));

  for (const [what, path, extra, frames, status] of [
    ['a malformed timeout', 'Echo', [['grpc-timeout', 'soon']], [grpcMessage(Buffer.alloc(1))], '13'],
    ['no message', 'Echo', [], [Buffer.alloc(0)], '13'],
    ['two messages', 'Echo', [], [grpcMessage(Buffer.alloc(1)), grpcMessage(Buffer.alloc(1))], '13'],
    [
      'two messages in one frame',
      'Echo',
      [],
      [Buffer.concat([grpcMessage(Buffer.alloc(1)), grpcMessage(Buffer.alloc(1))])],
      '13',
    ],
    ['half a message', 'Echo', [], [grpcMessage(Buffer.alloc(100)).subarray(0, 50)], '13'],
    ['a compressed message without an encoding', 'Echo', [], [grpcMessage(Buffer.alloc(40), true)], '13'],
    ['a message in three frames', 'Echo', [], [Buffer.of(0, 0), Buffer.of(0, 0, 3, 1), Buffer.of(2, 3)], '0'],
    ['a message and an empty frame', 'Echo', [], [grpcMessage(Buffer.alloc(9)), Buffer.alloc(0)], '0'],
    ['a right content-length', 'Echo', [['content-length', '8']], [grpcMessage(Buffer.alloc(3))], '0'],
    ['a handler that throws', 'Throw', [], [grpcMessage(Buffer.alloc(3))], '13'],
    ['a stream handler that throws at once', 'ThrowAtStart', [], [grpcMessage(Buffer.alloc(3))], '13'],
    ['a stream handler that throws later', 'ThrowAtMessage', [], [grpcMessage(Buffer.alloc(3))], '13'],
    ['a stream handler that throws at the end', 'ThrowAtEnd', [], [grpcMessage(Buffer.alloc(3))], '13'],
    ['a write before the response', 'WriteThenRespond', [], [grpcMessage(Buffer.alloc(3))], '0'],
  ] as [string, string, [string, string][], Buffer[], string][]) {
    it(`answers ${what} with status ${status}`, () =>
      withConnection(async (connection) => {
        const parts = frames.map((payload, i) =>
          frame(FrameType.DATA, i === frames.length - 1 ? END_STREAM : 0, 1, payload),
        );
        connection.write(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(LAB + path, extra)), ...parts);
        await connection.frame((one) => one.type === FrameType.HEADERS && (one.flags & END_STREAM) !== 0);
        assert.equal(fieldsOf(connection, 1)['grpc-status'], status);
      }));
  }

  for (const [what, extra, body] of [
    ['a content-length that is too small', [['content-length', '7']], grpcMessage(Buffer.alloc(3))],
    ['a content-length that is too large', [['content-length', '9']], grpcMessage(Buffer.alloc(3))],
    ['a content-length that is none', [['content-length', 'many']], grpcMessage(Buffer.alloc(3))],
    [
      'two content-lengths',
      [
        ['content-length', '8'],
        ['content-length', '9'],
      ],
      grpcMessage(Buffer.alloc(3)),
    ],
    ['a field of HTTP/1', [['connection', 'close']], grpcMessage(Buffer.alloc(3))],
    ['a te that is not trailers', [['te', 'gzip']], grpcMessage(Buffer.alloc(3))],
    ['a pseudo-header field after others', [[':authority', 'x']], grpcMessage(Buffer.alloc(3))],
  ] as [string, [string, string][], Buffer][]) {
    it(`resets a stream for ${what}`, () =>
      withConnection(async (connection) => {
        connection.write(
          frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`, extra)),
          frame(FrameType.DATA, END_STREAM, 1, body),
        );
        assert.equal(await connection.reset(1), 1);
        connection.write(unaryCall(3, `${LAB}Small`, Buffer.alloc(0)));
        assert.deepEqual(await connection.reply(3), grpcMessage(SMALL_REPLY));
      }));
  }

  it('refuses a request without what it must have', () =>
    withConnection(async (connection) => {
      const fields: [string, string][] = [
        [':method', 'POST'],
        [':scheme', 'http'],
        [':path', `${LAB}Echo`],
      ];
      let id = 1;
      for (let left = 0; left < 3; left++, id += 2) {
        const block = literals(
          fields.filter((_, i) => i !== left),
          0x00,
        );
        connection.write(frame(FrameType.HEADERS, END_HEADERS | END_STREAM, id, block));
        assert.equal(await connection.reset(id), 1);
      }
      // found by the fuzzer: a path without a slash, a scheme that is none
      for (const [i, value] of [
        [2, ''],
        [2, 'lab.Test/Echo'],
        [1, '\u00dcttp'],
      ] as const) {
        const block = literals(
          fields.map(([name, old], at): [string, string] => [name, at === i ? value : old]),
          0x00,
        );
        connection.write(frame(FrameType.HEADERS, END_HEADERS | END_STREAM, id, block));
        assert.equal(await connection.reset(id), 1);
        id += 2;
      }
    }));

  it('takes trailers at the end of a request, and nothing else', () =>
    withConnection(async (connection) => {
      const start = (id: number): Buffer[] => [
        frame(FrameType.HEADERS, END_HEADERS, id, requestBlock(`${LAB}Echo`)),
        frame(FrameType.DATA, 0, id, grpcMessage(Buffer.from('abc'))),
      ];
      const trailers = literals([['x-trailer', '1']], 0x00);
      connection.write(...start(1), frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 1, trailers));
      assert.deepEqual(await connection.reply(1), grpcMessage(Buffer.from('abc')));
      connection.write(...start(3), frame(FrameType.HEADERS, END_HEADERS, 3, trailers));
      assert.equal(await connection.reset(3), 1);
      connection.write(...start(5), frame(FrameType.HEADERS, END_HEADERS | END_STREAM, 5, requestBlock('/x')));
      assert.equal(await connection.reset(5), 1);
    }));

  it('answers early, and drops what still comes of the request', () =>
    withConnection(async (connection) => {
      connection.write(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock('/lab.Nope/Echo')));
      assert.equal(await connection.reset(1), 0);
      assert.equal(fieldsOf(connection, 1)['grpc-status'], '12');
      connection.write(frame(FrameType.DATA, 0, 1, Buffer.alloc(100)));
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 1, uint32(5)));
      connection.write(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock('/x')));
      connection.write(frame(FrameType.DATA, END_STREAM, 1, Buffer.alloc(100)));
      connection.write(unaryCall(3, `${LAB}Small`, Buffer.alloc(0)));
      assert.deepEqual(await connection.reply(3), grpcMessage(SMALL_REPLY));
      connection.write(frame(FrameType.DATA, END_STREAM, 1, Buffer.alloc(100)));
      const last = (): boolean => connection.frames.some((one) => one.type === 3 && one.payload.readUInt32BE(0) === 5);
      await eventually(last, 'DATA behind the end is STREAM_CLOSED');
    }));

  it('answers what is not gRPC once the request is over', () =>
    withConnection(async (connection) => {
      const block = literals(
        [
          [':method', 'PUT'],
          [':scheme', 'http'],
          [':path', '/some/file'],
        ],
        0x00,
      );
      connection.write(
        frame(FrameType.HEADERS, END_HEADERS, 1, block),
        frame(FrameType.DATA, 0, 1, Buffer.alloc(1000)),
      );
      connection.write(frame(FrameType.DATA, END_STREAM, 1, Buffer.alloc(1000)));
      assert.match((await connection.reply(1)).toString(), /Not found/);
      assert.equal(fieldsOf(connection, 1)[':status'], '404');
    }));

  it('tells a handler of RST_STREAM, and of a lost connection', () =>
    withConnection(async (connection) => {
      const before = state.cancelled;
      for (const id of [1, 3, 5]) connection.write(unaryCall(id, `${LAB}Park`, Buffer.alloc(1)));
      await eventually(() => state.parked.size === 3, 'all are parked');
      connection.write(frame(FrameType.RST_STREAM, 0, 3, uint32(8)));
      await eventually(() => state.cancelled === before + 1, 'one is cancelled');
      for (const call of state.parked) assert.equal(call.cancelled, false);
      connection.destroy();
      await eventually(() => state.cancelled === before + 3 && state.parked.size === 0, 'all are cancelled');
    }));

  it('goes on with open calls after the client says GOAWAY', () =>
    withConnection(async (connection) => {
      connection.write(unaryCall(1, `${LAB}Later`, Buffer.alloc(1)));
      connection.write(frame(FrameType.GOAWAY, 0, 0, Buffer.alloc(8)));
      assert.deepEqual(await connection.reply(1), grpcMessage(SMALL_REPLY));
    }));

  it('gives the connection window back as it receives', () =>
    withConnection(async (connection) => {
      for (let id = 1; id < 41; id += 2) {
        connection.write(frame(FrameType.HEADERS, END_HEADERS, id, requestBlock(`${LAB}Small`)));
        const body = grpcMessage(Buffer.alloc(900_000));
        for (let at = 0; at < body.length; at += 16_000) {
          const ends = at + 16_000 >= body.length;
          connection.write(frame(FrameType.DATA, ends ? END_STREAM : 0, id, body.subarray(at, at + 16_000)));
        }
        await connection.reply(id);
      }
      assert.ok(connection.frames.some((one) => one.type === FrameType.WINDOW_UPDATE && one.streamId === 0));
      assert.ok(connection.frames.some((one) => one.type === FrameType.WINDOW_UPDATE && one.streamId > 0));
    }));

  it('ends a connection that overruns its window', () =>
    withConnection(async (connection) => {
      connection.write(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)));
      // a stream that waits for its client does not grow its window: a message of 4 MiB is granted, so overrun it at once
      connection.write(frame(FrameType.DATA, 0, 1, Buffer.of(0, 0, 0x3f, 0xff, 0xff)));
      connection.write(frame(FrameType.RST_STREAM, 0, 1, uint32(8)));
      connection.write(
        Buffer.concat(Array.from({ length: 3 }, () => frame(FrameType.DATA, 0, 1, Buffer.alloc(16_000)))),
      );
      assert.equal(await connection.reset(1), 5);
    }));

  for (const [what, bytes, code] of [
    ['PUSH_PROMISE', frame(FrameType.PUSH_PROMISE, 4, 1, Buffer.alloc(4)), 1],
    ['a frame over the size limit', frame(FrameType.DATA, 0, 1, Buffer.alloc(16_385)), 6],
    ['DATA on stream 0', frame(FrameType.DATA, 0, 0, Buffer.alloc(1)), 1],
    ['padding over the length', frame(FrameType.DATA, 8, 1, Buffer.of(5, 0)), 1],
    ['padding without its length', frame(FrameType.DATA, 8, 1, Buffer.alloc(0)), 6],
    ['HEADERS with padding over the length', frame(FrameType.HEADERS, 12, 3, Buffer.of(9, 0)), 1],
    ['HEADERS with padding without its length', frame(FrameType.HEADERS, 12, 3, Buffer.alloc(0)), 6],
    ['HEADERS with half a priority', frame(FrameType.HEADERS, 36, 3, Buffer.alloc(3)), 6],
    ['HEADERS on an even stream', frame(FrameType.HEADERS, 4, 2, requestBlock('/x')), 1],
    ['WINDOW_UPDATE of 0 on the connection', frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(0)), 1],
    ['a connection window over the limit', frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(0x7fffffff)), 3],
    ['RST_STREAM of an idle stream', frame(FrameType.RST_STREAM, 0, 99, uint32(8)), 1],
    ['a PING of 7 bytes', frame(FrameType.PING, 0, 0, Buffer.alloc(7)), 6],
    ['a GOAWAY of 7 bytes', frame(FrameType.GOAWAY, 0, 0, Buffer.alloc(7)), 6],
    ['a GOAWAY on a stream', frame(FrameType.GOAWAY, 0, 1, Buffer.alloc(8)), 1],
    ['SETTINGS of 5 bytes', frame(FrameType.SETTINGS, 0, 0, Buffer.alloc(5)), 6],
    ['a SETTINGS ACK with bytes', frame(FrameType.SETTINGS, 1, 0, Buffer.alloc(6)), 6],
    ['ENABLE_PUSH of 2', frame(FrameType.SETTINGS, 0, 0, setting(2, 2)), 1],
    ['INITIAL_WINDOW_SIZE of 2^31', frame(FrameType.SETTINGS, 0, 0, setting(4, 0x80000000)), 3],
    ['MAX_FRAME_SIZE of 100', frame(FrameType.SETTINGS, 0, 0, setting(5, 100)), 1],
    ['CONTINUATION without HEADERS', frame(FrameType.CONTINUATION, 4, 1, Buffer.alloc(1)), 1],
    ['a header block that is broken', frame(FrameType.HEADERS, 5, 3, Buffer.of(0x80)), 9],
    ['a header list far over its limit', frame(FrameType.HEADERS, 5, 3, hpackBomb()), 11],
  ] as [string, Buffer, number][]) {
    it(`ends the connection for ${what} with code ${code}`, () =>
      withConnection(async (connection) => {
        connection.write(frame(FrameType.HEADERS, END_HEADERS, 1, requestBlock(`${LAB}Echo`)), bytes);
        assert.equal((await connection.goaway()).code, code);
        await connection.closing();
      }));
  }

  it('resets a stream whose window grows over the limit, or by nothing', () =>
    withConnection(async (connection) => {
      for (const [id, increment, code] of [
        [1, 0x7fffffff, 3],
        [3, 0, 1],
      ] as const) {
        connection.write(frame(FrameType.HEADERS, END_HEADERS, id, requestBlock(`${LAB}Echo`)));
        connection.write(frame(FrameType.WINDOW_UPDATE, 0, id, uint32(increment)));
        assert.equal(await connection.reset(id), code);
      }
    }));

  it('ignores frames of unknown types, and PRIORITY', () =>
    withConnection(async (connection) => {
      connection.write(frame(0x77, 0xff, 1, Buffer.alloc(10)), frame(FrameType.PRIORITY, 0, 9, Buffer.alloc(5)));
      const block = Buffer.concat([Buffer.from([0, 0, 0, 7, 16]), requestBlock(`${LAB}Small`)]);
      connection.write(frame(FrameType.HEADERS, END_HEADERS | 0x20, 1, block));
      connection.write(frame(FrameType.DATA, END_STREAM, 1, grpcMessage(Buffer.alloc(0))));
      assert.deepEqual(await connection.reply(1), grpcMessage(SMALL_REPLY));
    }));
});

function hpackBomb(): Buffer {
  const entry = Buffer.concat([Buffer.of(0x40, 1, 0x78), integer(4000, 7, 0), Buffer.alloc(4000, 0x61)]);
  return Buffer.concat([entry, Buffer.alloc(400, 0xbe)]);
}
