import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { RetryPolicy } from '#proto/temporal/api/common/v1';
import { HistoryEvent } from '#proto/temporal/api/history/v1';
import * as workflowservice from '#proto/temporal/api/workflowservice/v1';
import type { MessageCodec } from './wire.ts';
import { WireError } from './wire.ts';

const json = (await import('@temporalio/proto/protos/json-module.js')).default;
const root = protobuf.Root.fromJSON(json);
root.resolveAll();

/** Fills every field of a message, some levels deep, the way protobufjs wants it. */
function sample(type: protobuf.Type, depth: number, seed: () => number): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  const taken = new Set<protobuf.OneOf>();
  for (const field of type.fieldsArray) {
    field.resolve();
    if (field.partOf != null && !field.partOf.isProto3Optional) {
      if (taken.has(field.partOf)) continue;
      taken.add(field.partOf);
    }
    const one = (): unknown => {
      if (field.resolvedType instanceof protobuf.Enum) return 1;
      if (field.resolvedType instanceof protobuf.Type) {
        if (field.resolvedType.name === 'Timestamp') return { seconds: 1_700_000_000 + seed(), nanos: 123_456_000 };
        if (field.resolvedType.name === 'Duration') return { seconds: seed(), nanos: 5_000_000 };
        return sample(field.resolvedType, depth - 1, seed);
      }
      switch (field.type) {
        case 'string':
          return seed() % 3 === 0 ? 'naïve ☃ text that is longer than thirty-two bytes' : `s${seed()}`;
        case 'bytes':
          return Buffer.from([seed() & 255, 0, 255]);
        case 'bool':
          return true;
        case 'double':
        case 'float':
          return 1.5;
        case 'int64':
        case 'sint64':
        case 'uint64':
          return seed() * 1_000_003 * 65_536;
        default:
          return seed();
      }
    };
    if (field.resolvedType instanceof protobuf.Type && depth === 0) continue;
    if (field instanceof protobuf.MapField) message[field.name] = { key: one() };
    else message[field.name] = field.repeated ? [one(), one()] : one();
  }
  return message;
}

test('every message of the workflow service survives our codec as protobufjs sees it', () => {
  let state = 7;
  const seed = () => (state = (state * 48271) % 65_521);
  let checked = 0;
  for (const [name, codec] of Object.entries(workflowservice) as [string, MessageCodec<object, object>][]) {
    if (typeof codec.decode !== 'function') continue;
    const type = root.lookup(codec.typeName) as protobuf.Type;
    const theirs = type.fromObject(sample(type, 4, seed));
    const bytes = type.encode(theirs).finish();
    const again = codec.encode(codec.decode(bytes));
    assert.deepEqual(
      type.toObject(type.decode(again), { longs: String }),
      type.toObject(type.decode(bytes), { longs: String }),
      name,
    );
    checked++;
  }
  assert.ok(checked > 200);
});

test('negative, large and default numbers keep their value', () => {
  for (const eventId of [0, 1, -1, 127, 128, 2 ** 31, 2 ** 32 + 5, -(2 ** 40), Number.MAX_SAFE_INTEGER]) {
    assert.equal(HistoryEvent.decode(HistoryEvent.encode({ eventId })).eventId, eventId);
  }
  assert.equal(RetryPolicy.decode(RetryPolicy.encode({ maximumAttempts: -3 })).maximumAttempts, -3);
});

test('times keep microseconds and durations keep nanoseconds', () => {
  const eventTime = 1_700_000_000_123.457;
  assert.equal(HistoryEvent.decode(HistoryEvent.encode({ eventTime })).eventTime, eventTime);
  for (const initialInterval of [0, 0.000001, 1.5, -2500, 86_400_000 * 365]) {
    assert.equal(RetryPolicy.decode(RetryPolicy.encode({ initialInterval })).initialInterval, initialInterval);
  }
});

test('bytes that are no message are refused', () => {
  const good = HistoryEvent.encode({ eventId: 5, eventTime: 1000, workerMayIgnore: true });
  assert.throws(() => HistoryEvent.decode(good.subarray(0, good.length - 1)), WireError);
  assert.throws(() => RetryPolicy.decode(Buffer.from([0x2a, 0x05, 0x61])), WireError);
  assert.throws(() => RetryPolicy.decode(Buffer.from([0x2a, 0x01, 0xff])), /invalid UTF-8/);
  assert.throws(() => RetryPolicy.decode(Buffer.alloc(11, 0xff)), WireError);
});

test('an encoded message that stays keeps no more than its neighbours', () => {
  const kept: Uint8Array[] = [];
  for (let i = 0; i < 100; i++) {
    kept.push(RetryPolicy.encode({ maximumAttempts: i + 1, nonRetryableErrorTypes: ['x'.repeat(100)] }));
    Buffer.allocUnsafe(30_000); // what a driver copies
  }
  const memory = new Set(kept.map(({ buffer }) => buffer));
  const bytes = [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(bytes <= 3 * 16_384, `${bytes} bytes for 100 messages of 106`);
  for (const [i, message] of kept.entries()) assert.equal(RetryPolicy.decode(message).maximumAttempts, i + 1);
  const large = RetryPolicy.encode({ nonRetryableErrorTypes: ['x'.repeat(10_000)] });
  assert.equal(large.buffer.byteLength, large.length, 'a large one has its own memory');
});
