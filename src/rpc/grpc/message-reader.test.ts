import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { RpcStatus } from '../handler.ts';
import { MessageReader, messagePrefix } from './message-reader.ts';

class Sink {
  readonly messages: Buffer[] = [];
  ended = false;
  failure: RpcStatus | undefined;
  bomb = false;
  whenSettled: () => void = () => undefined;

  onMessage(message: Uint8Array): void {
    this.messages.push(Buffer.from(message));
  }

  onEnd(): void {
    this.ended = true;
    this.whenSettled();
  }

  onReadFailure(status: RpcStatus, bomb: boolean): void {
    this.failure = status;
    this.bomb = bomb;
    this.whenSettled();
  }
}

const framed = (message: Uint8Array, compressed = false): Buffer =>
  Buffer.concat([messagePrefix(message.length, compressed), message]);

async function settled(sink: Sink): Promise<void> {
  if (!sink.ended && sink.failure === undefined) await new Promise<void>((resolve) => (sink.whenSettled = resolve));
}

describe('reading messages', () => {
  it('finds the same messages however the bytes are cut', () => {
    const sizes = [0, 1, 5, 600, 3000, 0, 20_000];
    const body = Buffer.concat(sizes.map((size, i) => framed(Buffer.alloc(size, i))));
    for (const step of [1, 2, 3, 4, 5, 6, 7, 100, 1024, 5000, body.length]) {
      const sink = new Sink();
      const reader = new MessageReader(sink, 1 << 20, '');
      for (let at = 0; at < body.length; at += step) reader.push(body.subarray(at, at + step));
      reader.end();
      assert.ok(sink.ended);
      assert.equal(reader.bufferedBytes, 0);
      assert.deepEqual(
        sink.messages.map((message) => [message.length, message[0] ?? -1]),
        sizes.map((size, i) => [size, size === 0 ? -1 : i]),
      );
    }
  });

  it('refuses a message by its announced length, before its bytes', () => {
    const sink = new Sink();
    const reader = new MessageReader(sink, 1000, '');
    reader.push(messagePrefix(1001, false));
    assert.deepEqual(sink.failure, { code: 8, message: 'grpc: received message larger than max (1001 vs. 1000)' });
    reader.push(Buffer.alloc(2000));
    reader.end();
    assert.equal(sink.ended, false);
  });

  it('keeps no more memory than arrived', () => {
    const reader = new MessageReader(new Sink(), 4 << 20, '');
    reader.push(messagePrefix(4 << 20, false));
    for (let i = 0; i < 100; i++) reader.push(Buffer.alloc(10));
    assert.equal(reader.bufferedBytes, 1005);
  });

  it('refuses a request that ends inside a message', () => {
    const sink = new Sink();
    const reader = new MessageReader(sink, 1000, '');
    reader.push(framed(Buffer.alloc(10)).subarray(0, 12));
    reader.end();
    assert.equal(sink.failure?.code, 13);
  });

  it('refuses flags that were not agreed on', () => {
    for (const [flag, encoding] of [
      [1, ''],
      [2, 'gzip'],
    ] as const) {
      const sink = new Sink();
      const body = framed(Buffer.alloc(10));
      body[0] = flag;
      new MessageReader(sink, 1000, encoding).push(body);
      assert.equal(sink.failure?.code, 13);
    }
  });

  it('keeps the order of messages that are inflated on another thread', async () => {
    const sink = new Sink();
    const reader = new MessageReader(sink, 1 << 20, 'gzip');
    const sizes = [200_000, 1, 300_000, 100_000, 7];
    for (const size of sizes) reader.push(framed(gzipSync(Buffer.alloc(size, 'z')), true));
    reader.push(framed(Buffer.from('plain')));
    reader.end();
    assert.ok(reader.bufferedBytes > 0);
    await settled(sink);
    assert.deepEqual(
      sink.messages.map((message) => message.length),
      [...sizes, 5],
    );
    assert.equal(reader.bufferedBytes, 0);
  });

  it('inflates a message of several members (RFC 1952 2.2)', async () => {
    const sink = new Sink();
    const reader = new MessageReader(sink, 1 << 20, 'gzip');
    reader.push(framed(Buffer.concat([gzipSync(Buffer.alloc(500, 'a')), gzipSync(Buffer.from('b'))]), true));
    reader.end();
    await settled(sink);
    assert.equal(sink.messages[0]?.length, 501);
  });

  it('tells a bomb from a message that is corrupt', async () => {
    const lying = gzipSync(Buffer.alloc(100_000));
    lying.writeUInt32LE(10, lying.length - 4);
    for (const [packed, code, bomb] of [
      [gzipSync(Buffer.alloc(2 << 20)), 8, true],
      [lying, 8, true],
      [Buffer.alloc(40, 7), 13, false],
      [Buffer.alloc(4), 13, false],
      [gzipSync(Buffer.alloc(100)).subarray(0, 20), 13, false],
    ] as const) {
      const sink = new Sink();
      const reader = new MessageReader(sink, 50_000, 'gzip');
      reader.push(framed(packed, true));
      reader.end();
      await settled(sink);
      assert.deepEqual([sink.failure?.code, sink.bomb], [code, bomb]);
    }
  });

  it('is silent once closed', async () => {
    const sink = new Sink();
    const reader = new MessageReader(sink, 1 << 20, 'gzip');
    reader.push(framed(gzipSync(Buffer.alloc(200_000)), true));
    reader.close();
    const other = new Sink();
    const after = new MessageReader(other, 1 << 20, 'gzip');
    after.push(framed(gzipSync(Buffer.alloc(200_000)), true));
    after.end();
    await settled(other);
    assert.deepEqual([sink.messages.length, sink.ended, sink.failure], [0, false, undefined]);
  });
});
