// How connections are kept, limited and ended: keep-alive, age, idleness, limits, graceful stop. With the limits of a
// production server made small. Ours only.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRpcServer, type RpcLimitOverrides, type RpcServer } from '../../src/rpc/index.ts';
import { eventually, rawClient } from './grpc-client.ts';
import { BIG_REPLY, LAB, type LabState, labService, SMALL_REPLY } from './lab-service.ts';
import {
  CLIENT_PREFACE,
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

const INITIAL_WINDOW_SIZE = 4;
const ENHANCE_YOUR_CALM = 11;

interface Lab {
  readonly server: RpcServer;
  readonly port: number;
  readonly state: LabState;
  /** What the server counted, by metric name. */
  readonly counted: Map<string, number>;
}

async function withServer(limits: RpcLimitOverrides, body: (lab: Lab) => Promise<void>): Promise<void> {
  const { methods, state } = labService();
  const counted = new Map<string, number>();
  const instrument = (name: string) => ({
    add: (value: number) => counted.set(name, (counted.get(name) ?? 0) + value),
  });
  const metrics = { counter: instrument, gauge: instrument };
  const server = createRpcServer({ host: '127.0.0.1', port: 0, methods, limits, metrics });
  const { port } = await server.start();
  try {
    await body({ server, port, state, counted });
  } finally {
    await server.stop(0);
  }
}

const ping = (connection: RawConnection): boolean =>
  connection.write(frame(FrameType.PING, 0, 0, Buffer.from('12345678')));
const goaways = (connection: RawConnection) =>
  connection.frames.filter((one) => one.type === FrameType.GOAWAY).map(readGoaway);
const answerPings = (connection: RawConnection): void => {
  let answered = 0;
  connection.socket.on('data', () => {
    const pings = connection.frames.filter((one) => one.type === FrameType.PING && (one.flags & 1) === 0);
    for (; answered < pings.length; answered++) connection.write(frame(FrameType.PING, 1, 0, pings[answered]!.payload));
  });
};

describe('upkeep of connections', () => {
  it('sends a client away that pings too often', () =>
    withServer({}, async ({ port, server, counted }) => {
      const connection = await RawConnection.start(port);
      for (let i = 0; i < 3; i++) {
        ping(connection);
        await eventually(() => connection.frames.filter((one) => one.type === FrameType.PING).length > i, 'an answer');
      }
      ping(connection);
      assert.deepEqual(await connection.goaway(), { code: ENHANCE_YOUR_CALM, lastStreamId: 0, text: 'too_many_pings' });
      await server.stop(0);
      assert.equal(counted.get('rpc_too_many_pings_total'), 1);
    }));

  it('bears the pings of a client that measures bandwidth', () =>
    withServer({}, async ({ port }) => {
      const connection = await RawConnection.start(port);
      for (let id = 1; id < 41; id += 2) {
        connection.write(unaryCall(id, `${LAB}Small`, Buffer.alloc(0)));
        await connection.reply(id);
        ping(connection);
      }
      await connection.frame((one) => one.type === FrameType.PING);
      assert.deepEqual(goaways(connection), []);
      connection.destroy();
    }));

  it('pings a silent peer, and closes when it stays silent', () =>
    withServer({ keepAlive: { timeMs: 200, timeoutMs: 200 } }, async ({ port, server, counted }) => {
      const answering = await RawConnection.start(port);
      answerPings(answering);
      const silent = await RawConnection.start(port);
      const began = Date.now();
      await silent.closing();
      assert.ok(Date.now() - began >= 300);
      assert.ok(silent.frames.some((one) => one.type === FrameType.PING));
      assert.equal(answering.closed, false);
      await server.stop(0);
      assert.equal(counted.get('rpc_keepalive_timeouts_total'), 1);
    }));

  it('sends an idle connection away in two steps, and a busy one not', () =>
    withServer({ keepAlive: { maxConnectionIdleMs: 200 } }, async ({ port, state }) => {
      const busy = await RawConnection.start(port);
      busy.write(unaryCall(1, `${LAB}Park`, Buffer.alloc(0)));
      const idle = await RawConnection.start(port);
      answerPings(idle);
      await idle.closing();
      assert.deepEqual(goaways(idle), [
        { code: 0, lastStreamId: 0x7fffffff, text: 'max_idle' },
        { code: 0, lastStreamId: 0, text: '' },
        ...goaways(idle).slice(2),
      ]);
      assert.equal(busy.closed, false);
      assert.equal(state.parked.size, 1);
      busy.destroy();
    }));

  it('ends a connection at its age: new calls elsewhere, old ones go on, and fail after the grace', () =>
    withServer({ keepAlive: { maxConnectionAgeMs: 200, maxConnectionAgeGraceMs: 600 } }, async ({ port, state }) => {
      const connection = await RawConnection.start(port);
      answerPings(connection);
      connection.write(unaryCall(1, `${LAB}Park`, Buffer.alloc(0)), unaryCall(3, `${LAB}Park`, Buffer.alloc(0)));
      await eventually(() => goaways(connection).length === 2, 'both GOAWAYs');
      assert.deepEqual(goaways(connection)[0], { code: 0, lastStreamId: 0x7fffffff, text: 'max_age' });
      assert.equal(goaways(connection)[1]!.lastStreamId, 3);
      connection.write(unaryCall(5, `${LAB}Small`, Buffer.alloc(0)));
      assert.equal(await connection.reset(5), 7);
      [...state.parked][0]!.respond(SMALL_REPLY);
      assert.deepEqual(await connection.reply(1), grpcMessage(SMALL_REPLY));
      const last = await connection.frame((one) => one.streamId === 3 && one.type === FrameType.HEADERS);
      assert.match(last.payload.toString('latin1'), /grpc-status.{1,2}14.*maximum age/s);
      await connection.closing();
    }));

  it('closes a connection that does not shake hands', () =>
    withServer({ handshakeTimeoutMs: 200 }, async ({ port, server, counted }) => {
      const nothing = await RawConnection.open(port);
      const half = await RawConnection.open(port);
      half.write(CLIENT_PREFACE);
      await Promise.all([nothing.closing(), half.closing()]);
      await server.stop(0);
      assert.equal(counted.get('rpc_handshake_timeouts_total'), 2);
    }));

  it('takes no more connections than its limits', () =>
    withServer({ maxConnectionsPerAddress: 2 }, async ({ port }) => {
      const first = await RawConnection.start(port);
      const second = await RawConnection.start(port);
      const third = await RawConnection.start(port);
      await third.closing();
      first.destroy();
      second.write(unaryCall(1, `${LAB}Small`, Buffer.alloc(0)));
      await second.reply(1);
      const again = await RawConnection.start(port);
      again.write(unaryCall(1, `${LAB}Small`, Buffer.alloc(0)));
      await again.reply(1);
    }));

  it('drops connections over the total', () =>
    withServer({ maxConnections: 1 }, async ({ port, server, counted }) => {
      const first = await RawConnection.start(port);
      first.write(unaryCall(1, `${LAB}Small`, Buffer.alloc(0)));
      await first.reply(1);
      const second = await RawConnection.start(port);
      await second.closing();
      await server.stop(0);
      assert.equal(counted.get('rpc_connections_refused_total'), 1);
    }));

  it('refuses streams over the limit, so that they are tried again', () =>
    withServer({ maxStreamsPerConnection: 2 }, async ({ port, state }) => {
      const connection = await RawConnection.start(port);
      for (const id of [1, 3, 5]) connection.write(unaryCall(id, `${LAB}Park`, Buffer.alloc(0)));
      assert.equal(await connection.reset(5), 7);
      assert.equal(state.parked.size, 2);
      connection.destroy();
    }));

  it('gives up a request that does not arrive, but not a conversation', () =>
    withServer({ requestTimeoutMs: 100 }, async ({ port }) => {
      const connection = await RawConnection.start(port);
      for (const [id, path] of [
        [1, `${LAB}Echo`],
        [3, `${LAB}Chat`],
        [5, '/nope'],
      ] as const) {
        const block = requestBlock(path, path === '/nope' ? [['content-type', 'text/plain']] : []);
        connection.write(frame(FrameType.HEADERS, END_HEADERS, id, block));
        connection.write(frame(FrameType.DATA, 0, id, grpcMessage(Buffer.from('abc')).subarray(0, 7)));
      }
      assert.equal(await connection.reset(1), 0);
      const head = connection.frames.find((one) => one.streamId === 1 && one.type === FrameType.HEADERS)!;
      assert.match(head.payload.toString('latin1'), /did not arrive in time/);
      connection.write(frame(FrameType.DATA, END_STREAM, 3, Buffer.from('c')));
      assert.deepEqual(await connection.reply(3), grpcMessage(Buffer.from('abc')));
      connection.destroy();
    }));

  it('fails calls beyond the bytes of unfinished requests', () =>
    withServer({ maxPendingRequestBytes: 100_000 }, async ({ port, server, counted }) => {
      const connection = await RawConnection.start(port);
      const part = Buffer.concat([Buffer.of(0, 0, 3, 0, 0), Buffer.alloc(16_000)]);
      for (let id = 1; id < 21; id += 2) {
        connection.write(frame(FrameType.HEADERS, END_HEADERS, id, requestBlock(`${LAB}Echo`)));
        connection.write(frame(FrameType.DATA, 0, id, part.subarray(0, 16_000)));
      }
      assert.equal(await connection.reset(13), 0);
      const refused = connection.frames.filter((one) => one.type === FrameType.HEADERS);
      assert.match(refused[0]!.payload.toString('latin1'), /unfinished requests/);
      await server.stop(0);
      assert.ok(counted.get('rpc_request_buffer_full_total')! >= 1);
      assert.equal(counted.get('rpc_pending_request_bytes') ?? 0, 0);
    }));

  it('lets requests wait while their client does not take replies, and serves them in order', () =>
    withServer({ maxPendingOutputBytes: 3 << 20 }, async ({ port, state, server, counted }) => {
      const connection = await RawConnection.start(port, setting(INITIAL_WINDOW_SIZE, 0));
      for (let id = 1; id < 41; id += 2) connection.write(unaryCall(id, `${LAB}Big`, Buffer.alloc(0)));
      ping(connection);
      await connection.frame((one) => one.type === FrameType.PING);
      assert.ok(state.invoked < 6, `${state.invoked} handlers ran`);
      connection.write(frame(FrameType.RST_STREAM, 0, 39, uint32(8)));
      connection.write(frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(1 << 26)));
      connection.write(frame(FrameType.SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 1 << 21)));
      for (let id = 1; id < 39; id += 2) assert.equal((await connection.reply(id)).length, BIG_REPLY.length + 5);
      assert.equal(state.invoked, 19);
      await server.stop(0);
      assert.ok(counted.get('rpc_requests_held_total')! > 10);
      assert.equal(counted.get('rpc_pending_output_bytes') ?? 0, 0);
    }));

  it('closes a connection that lets replies pile up', () =>
    withServer({ maxPendingOutputBytes: 1 << 20 }, async ({ port, state, server, counted }) => {
      const connection = await RawConnection.start(port, setting(INITIAL_WINDOW_SIZE, 0));
      for (let id = 1; id < 41; id += 2) connection.write(unaryCall(id, `${LAB}Park`, Buffer.alloc(0)));
      await eventually(() => state.parked.size === 20, 'all are parked');
      for (const call of [...state.parked]) call.respond(BIG_REPLY);
      await connection.closing();
      await server.stop(0);
      assert.equal(counted.get('rpc_output_overflows_total'), 1);
    }));

  it('closes a connection that takes not one byte for too long', () =>
    withServer({ outputStallTimeoutMs: 200 }, async ({ port, server, counted }) => {
      const connection = await RawConnection.start(port, setting(INITIAL_WINDOW_SIZE, 0));
      connection.write(unaryCall(1, `${LAB}Big`, Buffer.alloc(0)));
      await connection.closing();
      await server.stop(0);
      assert.equal(counted.get('rpc_output_stalls_total'), 1);
    }));

  it('drops a reply that is not taken before the deadline', () =>
    withServer({}, async ({ port }) => {
      const connection = await RawConnection.start(port, setting(INITIAL_WINDOW_SIZE, 0));
      connection.write(unaryCall(1, `${LAB}Big`, Buffer.alloc(0), [['grpc-timeout', '100m']]));
      assert.equal(await connection.reset(1), 8);
      connection.destroy();
    }));

  it('keeps the long deadline of a request that arrived', () =>
    withServer({ requestTimeoutMs: 100 }, async ({ port, state }) => {
      const connection = await RawConnection.start(port);
      connection.write(unaryCall(1, `${LAB}Park`, Buffer.alloc(0), [['grpc-timeout', '400m']]));
      const began = Date.now();
      const head = await connection.frame((one) => one.type === FrameType.HEADERS);
      assert.ok(Date.now() - began >= 390);
      assert.match(head.payload.toString('latin1'), /context deadline exceeded/);
      assert.equal(state.parked.size, 0);
      connection.destroy();
    }));

  it('stops gracefully: says so, finishes what is open, takes nothing new', () =>
    withServer({}, async ({ port, server, state }) => {
      const client = rawClient(port);
      const parked = Array.from({ length: 50 }, () => client.start(`${LAB}Park`, Buffer.alloc(1)).answer);
      await eventually(() => state.parked.size === 50, 'all are parked');
      const silent = await RawConnection.open(port);
      const stopped = server.stop(5000);
      await silent.closing();
      for (const call of state.parked) call.respond(SMALL_REPLY);
      for (const answer of parked) assert.equal((await answer).code, 0);
      const began = Date.now();
      await stopped;
      assert.ok(Date.now() - began < 2500, 'it does not wait for its whole grace');
      await assert.rejects(RawConnection.open(port));
      client.close();
    }));

  it('fails what is left after the grace with UNAVAILABLE', () =>
    withServer({}, async ({ port, server, state }) => {
      const client = rawClient(port);
      const { answer } = client.start(`${LAB}Park`, Buffer.alloc(1));
      await eventually(() => state.parked.size === 1, 'parked');
      await server.stop(100);
      assert.equal((await answer).code, 14);
      assert.equal(state.cancelled, 1);
      client.close();
    }));

  it('loses no call of a client that retries while servers come and go', async () => {
    const { methods } = labService();
    let server = createRpcServer({ host: '127.0.0.1', port: 0, methods });
    const { port } = await server.start();
    const client = rawClient(port, {
      channel: { 'grpc.initial_reconnect_backoff_ms': 20, 'grpc.max_reconnect_backoff_ms': 50 },
    });
    let running = true;
    let served = 0;
    const loop = async (): Promise<void> => {
      while (running) {
        const answer = await client.call(`${LAB}Later`, Buffer.alloc(10), {
          deadline: Date.now() + 5000,
          waitForReady: true,
        } as object);
        if (answer.code === 0) served++;
        // 14: the socket of the next server was not open yet; an SDK tries again
        else if (answer.code !== 14) throw new Error(`${answer.code} ${answer.message}`);
      }
    };
    const loops = Array.from({ length: 20 }, loop);
    for (let round = 0; round < 5; round++) {
      const before = served;
      await eventually(() => served > before + 200, 'calls are served');
      await server.stop(1000);
      server = createRpcServer({ host: '127.0.0.1', port, methods });
      await server.start();
    }
    running = false;
    await Promise.all(loops);
    client.close();
    await server.stop(0);
  });

  it('stops twice, and before it was started', async () => {
    const { methods } = labService();
    const never = createRpcServer({ host: '127.0.0.1', port: 0, methods });
    await never.stop(0);
    const server = createRpcServer({ host: '127.0.0.1', port: 0, methods });
    await server.start();
    await Promise.all([server.stop(10), server.stop(10)]);
    await server.stop(0);
  });

  it('reports a port that is taken', () =>
    withServer({}, async ({ port }) => {
      const second = createRpcServer({ host: '127.0.0.1', port, methods: new Map() });
      await assert.rejects(second.start(), { code: 'EADDRINUSE' });
    }));

  it('counts connections, calls and bytes', () =>
    withServer({}, async ({ port, server, counted }) => {
      const connection = await RawConnection.start(port);
      connection.write(unaryCall(1, `${LAB}Small`, Buffer.alloc(0)));
      await connection.reply(1);
      await server.stop(0);
      assert.equal(counted.get('rpc_calls_total'), 1);
      assert.equal(counted.get('rpc_connections_accepted_total'), 1);
      assert.ok(counted.get('rpc_bytes_sent_total')! >= connection.receivedBytes);
      assert.ok(counted.get('rpc_bytes_received_total')! > 100);
    }));
});
