// One suite for both transports, with @grpc/grpc-js as the client: what the neutral handler interface promises.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import {
  createRpcServer,
  decodeStatusDetails,
  GrpcCode,
  type RpcServer,
  type TransportName,
} from '../../src/rpc/index.ts';
import { eventually, type RawClient, raw, rawClient } from './grpc-client.ts';
import { BIG_REPLY, FAIL_MESSAGE, LAB, type LabState, labService, SMALL_REPLY } from './lab-service.ts';

const TRANSPORTS: readonly TransportName[] = ['ostinato', 'node'];

for (const transport of TRANSPORTS) {
  describe(`gRPC on the ${transport} transport`, () => {
    let server: RpcServer;
    let client: RawClient;
    let zipped: RawClient;
    let state: LabState;
    let port: number;

    before(async () => {
      const lab = labService();
      state = lab.state;
      server = createRpcServer({
        transport,
        host: '127.0.0.1',
        port: 0,
        methods: lab.methods,
        limits: { maxReceiveMessageBytes: 4 << 20 },
      });
      port = (await server.start()).port;
      client = rawClient(port);
      zipped = rawClient(port, { gzip: true });
    });

    after(async () => {
      client.close();
      zipped.close();
      await server.stop(0);
    });

    it('answers a unary call with its bytes', async () => {
      const answer = await client.call(`${LAB}Echo`, Buffer.from('hello'));
      assert.equal(answer.code, GrpcCode.OK);
      assert.equal(answer.bytes?.toString(), 'hello');
    });

    it('carries empty requests and empty replies', async () => {
      const echoed = await client.call(`${LAB}Echo`, Buffer.alloc(0));
      assert.equal(echoed.code, GrpcCode.OK);
      assert.equal(echoed.bytes?.length, 0);
      assert.equal((await client.call(`${LAB}Empty`, Buffer.from('x'))).bytes?.length, 0);
    });

    it('carries 3 MiB both ways', async () => {
      const body = randomBytes(3 << 20);
      const answer = await client.call(`${LAB}Echo`, body);
      assert.equal(answer.code, GrpcCode.OK);
      assert.ok(answer.bytes?.equals(body));
    });

    it('serves 64 large calls at once, each with its own bytes', async () => {
      const body = randomBytes(1 << 20);
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, i) => client.call(`${LAB}Echo`, body.subarray(i, i + 200_000))),
      );
      for (const [i, answer] of answers.entries()) assert.ok(answer.bytes?.equals(body.subarray(i, i + 200_000)));
    });

    it('keeps thousands of calls with changing headers apart', async () => {
      for (let round = 0; round < 20; round++) {
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, i) =>
            client.call(`${LAB}Metadata`, Buffer.from('x-value'), {
              metadata: { 'x-value': `${round}-${i}`, [`x-key-${i % 61}`]: 'y'.repeat(i) },
            }),
          ),
        );
        for (const [i, answer] of answers.entries()) assert.equal(String(answer.bytes), `["${round}-${i}"]`);
      }
    });

    it('carries metadata in and out, repeated and binary', async () => {
      const repeated = await client.call(`${LAB}Metadata`, Buffer.from('x-many'), {
        metadata: { 'x-many': ['a', 'b'] },
      });
      const values = (JSON.parse(String(repeated.bytes)) as string[]).flatMap((value) => value.split(', '));
      assert.deepEqual(values, ['a', 'b']);
      assert.deepEqual(repeated.headers?.get('x-answer'), ['forty two']);
      const binary = await client.call(`${LAB}Metadata`, Buffer.from('x-some-bin'), {
        metadata: { 'x-some-bin': Buffer.from([0, 255, 1]) },
      });
      assert.deepEqual(JSON.parse(String(binary.bytes)), ['AP8B']);
    });

    it('carries headers of 27 kB over CONTINUATION frames', async () => {
      const value = '\\'.repeat(9000) + '^{'.repeat(9000);
      const answer = await client.call(`${LAB}Metadata`, Buffer.from('x-long'), { metadata: { 'x-long': value } });
      assert.deepEqual(JSON.parse(String(answer.bytes)), [value]);
    });

    it('sends a status with an encoded message and typed details', async () => {
      const answer = await client.call(`${LAB}Fail`, Buffer.alloc(0));
      assert.equal(answer.code, GrpcCode.NOT_FOUND);
      assert.equal(answer.message, FAIL_MESSAGE);
      const [details] = answer.trailers!.get('grpc-status-details-bin');
      assert.deepEqual(decodeStatusDetails(details as Buffer), {
        code: GrpcCode.NOT_FOUND,
        message: FAIL_MESSAGE,
        details: [{ typeName: 'lab.Detail', value: Buffer.from([0, 255, 128, 7]) }],
      });
    });

    it('names unknown methods and services as grpc-go does', async () => {
      const method = await client.call(`${LAB}Nope`, Buffer.alloc(0));
      assert.deepEqual([method.code, method.message], [12, 'unknown method Nope for service lab.Test']);
      const service = await client.call('/lab.Nope/Echo', Buffer.alloc(0));
      assert.deepEqual([service.code, service.message], [12, 'unknown service lab.Nope']);
    });

    it('hides the text of an exception from the client', async () => {
      const answer = await client.call(`${LAB}Throw`, Buffer.alloc(0));
      assert.deepEqual([answer.code, answer.message], [GrpcCode.INTERNAL, 'internal error']);
    });

    it('refuses a request message over the limit', async () => {
      const answer = await client.call(`${LAB}Echo`, Buffer.alloc((4 << 20) + 1));
      assert.deepEqual(
        [answer.code, answer.message],
        [GrpcCode.RESOURCE_EXHAUSTED, 'grpc: received message larger than max (4194305 vs. 4194304)'],
      );
      assert.equal((await client.call(`${LAB}Echo`, Buffer.alloc(4 << 20))).code, GrpcCode.OK);
    });

    it('refuses headers over the limit', async () => {
      const answer = await client.call(`${LAB}Small`, Buffer.alloc(0), { metadata: { 'x-long': 'a'.repeat(70_000) } });
      assert.notEqual(answer.code, GrpcCode.OK);
      assert.equal((await client.call(`${LAB}Small`, Buffer.alloc(0))).code, GrpcCode.OK);
    });

    it('inflates gzip requests, small and large', async () => {
      for (const size of [0, 10, 3000, 100_000, 4 << 20]) {
        const body = Buffer.alloc(size, 'abc');
        const answer = await zipped.call(`${LAB}Echo`, body);
        assert.equal(answer.code, GrpcCode.OK, answer.message);
        assert.ok(answer.bytes?.equals(body), `${size} bytes`);
      }
    });

    it('refuses a gzip request that inflates over the limit', async () => {
      const answer = await zipped.call(`${LAB}Echo`, Buffer.alloc(64 << 20));
      assert.equal(answer.code, GrpcCode.RESOURCE_EXHAUSTED);
      assert.match(answer.message, /after decompression larger than max/);
    });

    it('tells the handler its deadline, and answers when it passes', async () => {
      const told = await client.call(`${LAB}Deadline`, Buffer.alloc(0), { deadline: Date.now() + 30_000 });
      const remaining = Number(String(told.bytes));
      assert.ok(remaining > 25_000 && remaining <= 30_001, `${remaining}`);
      const before = state.cancelled;
      const late = await client.call(`${LAB}Park`, Buffer.alloc(0), { deadline: Date.now() + 100 });
      assert.equal(late.code, GrpcCode.DEADLINE_EXCEEDED);
      await eventually(() => state.cancelled === before + 1 && state.parked.size === 0, 'the handler learns of it');
    });

    it('lets a cancellation reach 1,000 parked calls', async () => {
      const before = state.cancelled;
      const calls = Array.from({ length: 1000 }, () => client.start(`${LAB}Park`, Buffer.alloc(10)));
      await eventually(() => state.parked.size === 1000, 'all are parked');
      for (const { call } of calls) call.cancel();
      const answers = await Promise.all(calls.map(({ answer }) => answer));
      for (const answer of answers) assert.equal(answer.code, GrpcCode.CANCELLED);
      await eventually(() => state.cancelled === before + 1000 && state.parked.size === 0, 'all are cancelled');
      assert.equal((await client.call(`${LAB}Small`, Buffer.alloc(0))).code, GrpcCode.OK);
    });

    it('answers 1,000 parked calls in one turn', async () => {
      const calls = Array.from({ length: 1000 }, () => client.start(`${LAB}Park`, Buffer.alloc(10)));
      await eventually(() => state.parked.size === 1000, 'all are parked');
      for (const call of state.parked) call.respond(SMALL_REPLY);
      state.parked.clear();
      for (const { answer } of calls) assert.equal((await answer).code, GrpcCode.OK);
    });

    it('ignores a second answer', async () => {
      const { answer } = client.start(`${LAB}Park`, Buffer.alloc(0));
      await eventually(() => state.parked.size === 1, 'parked');
      for (const call of state.parked) {
        call.respond(SMALL_REPLY);
        call.respond(BIG_REPLY);
        call.fail({ code: GrpcCode.INTERNAL, message: 'too late' });
        call.end();
        assert.equal(call.write(SMALL_REPLY), false);
      }
      state.parked.clear();
      assert.ok((await answer).bytes?.equals(SMALL_REPLY));
    });

    it('streams messages in order, at the pace of the reader', async () => {
      for (const [count, size] of [
        [3, 4],
        [500, 10_000],
        [0, 4],
      ] as const) {
        const request = Buffer.alloc(8);
        request.writeUInt32BE(count, 0);
        request.writeUInt32BE(size, 4);
        const stream = client.client.makeServerStreamRequest(`${LAB}Count`, raw, raw, request, new Metadata(), {});
        let received = 0;
        for await (const message of stream as AsyncIterable<Buffer>) {
          assert.equal(message.readUInt32BE(0), received++);
          assert.equal(message.length, size);
        }
        assert.equal(received, count);
      }
    });

    it('ends a stream of messages with a status', async () => {
      const stream = client.client.makeServerStreamRequest(`${LAB}CountThenFail`, raw, raw, Buffer.alloc(0));
      const seen: Buffer[] = [];
      const error = await new Promise<{ code: number; details: string }>((resolve) => {
        stream.on('data', (message: Buffer) => seen.push(message));
        stream.on('error', (failure) => resolve(failure as unknown as { code: number; details: string }));
      });
      assert.deepEqual([error.code, error.details], [GrpcCode.ABORTED, 'after a message']);
      assert.ok(seen[0]?.equals(SMALL_REPLY));
    });

    it('stops a stream that the client cancels', async () => {
      const before = state.cancelled;
      const request = Buffer.alloc(8);
      request.writeUInt32BE(0xffff_ffff, 0);
      request.writeUInt32BE(60_000, 4);
      const stream = client.client.makeServerStreamRequest(`${LAB}Count`, raw, raw, request);
      stream.on('error', () => undefined);
      await new Promise((resolve) => stream.once('data', resolve));
      stream.pause();
      stream.cancel();
      await eventually(() => state.cancelled === before + 1, 'the handler learns of it');
    });

    it('talks both ways at once', async () => {
      const chat = client.client.makeBidiStreamRequest(`${LAB}Chat`, raw, raw);
      const heard: string[] = [];
      const closed = new Promise((resolve) => chat.on('end', resolve));
      await new Promise<void>((resolve) => {
        chat.on('data', (message: Buffer) => {
          heard.push(message.toString());
          if (heard.length < 5) chat.write(Buffer.from(`word ${heard.length}`));
          else resolve();
        });
        chat.write(Buffer.from('word 0'));
      });
      chat.end();
      await closed;
      assert.deepEqual(heard, ['word 0', 'word 1', 'word 2', 'word 3', 'word 4']);
    });

    it('streams gzip messages that inflate on another thread in order', async () => {
      const chat = zipped.client.makeBidiStreamRequest(`${LAB}Chat`, raw, raw);
      const sizes = [100_000, 3, 200_000, 0, 70_000, 10];
      const heard: number[] = [];
      const closed = new Promise((resolve) => chat.on('end', resolve));
      chat.on('data', (message: Buffer) => heard.push(message.length));
      for (const size of sizes) chat.write(Buffer.alloc(size, 'q'));
      chat.end();
      await closed;
      assert.deepEqual(heard, sizes);
    });

    it('compresses large replies for a client that compresses', async () => {
      const answer = await zipped.call(`${LAB}Big`, Buffer.alloc(0));
      assert.ok(answer.bytes?.equals(BIG_REPLY));
    });
  });
}
