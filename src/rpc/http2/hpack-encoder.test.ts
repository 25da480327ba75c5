// What the encoder says must be read back by our decoder and by node:http2's in the same order.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HpackDecoder } from './hpack-decoder.ts';
import { HpackEncoder, literals } from './hpack-encoder.ts';

const HEAD = [':status: 200', 'content-type: application/grpc', 'grpc-accept-encoding: identity,gzip'];

function reader(): (block: Buffer) => string[] {
  const decoder = new HpackDecoder();
  return (block) => {
    const fields: string[] = [];
    decoder.decode(block, 0, block.length, { addField: ({ name, value }) => fields.push(`${name}: ${value}`) });
    return fields;
  };
}

describe('HPACK encoding', () => {
  it('is one byte a field from the second answer on', () => {
    const encoder = new HpackEncoder();
    const read = reader();
    const sizes: number[] = [];
    for (let i = 0; i < 4; i++) {
      const head = encoder.takeHead();
      const trailers = encoder.takeOkTrailers();
      assert.deepEqual(read(head), HEAD);
      assert.deepEqual(read(trailers), ['grpc-status: 0']);
      sizes.push(head.length + trailers.length);
    }
    assert.deepEqual(sizes.slice(1), [4, 4, 4]);
  });

  it('keeps its order when calls fail or overlap', () => {
    const encoder = new HpackEncoder();
    const read = reader();
    assert.deepEqual(read(Buffer.concat([encoder.takeHead(), encoder.takeLiterals([['grpc-status', '5']])])), [
      ...HEAD,
      'grpc-status: 5',
    ]);
    assert.deepEqual(read(encoder.takeHead()), HEAD);
    assert.deepEqual(read(encoder.takeHead()), HEAD);
    assert.deepEqual(read(encoder.takeOkTrailers()), ['grpc-status: 0']);
    assert.deepEqual(read(encoder.takeOkTrailers()), ['grpc-status: 0']);
    assert.deepEqual(read(encoder.takeHead()), HEAD);
  });

  it('announces a table of zero when the peer makes its own smaller (RFC 9113 4.3.1)', () => {
    const encoder = new HpackEncoder();
    const read = reader();
    read(encoder.takeHead());
    read(encoder.takeOkTrailers());
    encoder.setPeerTableBytes(100);
    const head = encoder.takeHead();
    assert.equal(head[0], 0x20);
    assert.deepEqual(read(head), HEAD);
    assert.deepEqual(read(encoder.takeOkTrailers()), ['grpc-status: 0']);
    encoder.setPeerTableBytes(0);
    assert.equal(encoder.takeLiterals([['x', 'y']])[0], 0x20);
    encoder.setPeerTableBytes(64);
    encoder.setPeerTableBytes(10_000);
    assert.deepEqual(read(encoder.takeHead()), HEAD);
  });

  it('writes literals of any length', () => {
    const value = 'v'.repeat(40_000);
    assert.deepEqual(reader()(literals([['x-long', value]], 0x00)), [`x-long: ${value}`]);
  });
});
