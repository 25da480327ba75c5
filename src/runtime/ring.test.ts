import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { Random } from '../../test/crash/random.ts';
import { type FrameHeader, FrameKind } from './frame.ts';
import { createRingMemory, RingReader, RingWriter } from './ring.ts';

function header(correlationId: number): FrameHeader {
  return { kind: FrameKind.REQUEST, service: 2, method: 513, correlationId, shardId: 7, deadlineMs: 1.5 };
}

function pair(capacityBytes: number) {
  const { port1, port2 } = new MessageChannel();
  const memory = createRingMemory(capacityBytes);
  const close = () => {
    port1.close();
    port2.close();
  };
  return { writer: new RingWriter(memory, port1), reader: new RingReader(memory, port2), memory, close };
}

/** A body whose bytes tell its number and length. */
function body(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (number * 31 + i * 7) & 0xff;
  return bytes;
}

test('a frame arrives with its header, once published', () => {
  const { writer, reader, close } = pair(1024);
  assert.equal(writer.write(header(0xffff_fffe), body(1, 5)), true);
  assert.equal(reader.next(), false);
  assert.equal(writer.publish(), true);
  assert.equal(writer.publish(), false);
  assert.equal(reader.next(), true);
  const { kind, service, method, correlationId, shardId, deadlineMs } = reader;
  assert.deepEqual({ kind, service, method, correlationId, shardId, deadlineMs }, header(0xffff_fffe));
  assert.deepEqual(new Uint8Array(reader.body), body(1, 5));
  assert.equal(reader.next(), false);
  close();
});

test('bodies of all lengths survive any number of turns of a small ring', () => {
  const { writer, reader, close } = pair(1024);
  let sent = 0;
  let received = 0;
  for (let round = 0; round < 3_000; round++) {
    while (writer.write(header(sent), body(sent, (sent * 37) % 257))) sent++;
    writer.publish();
    while (reader.next()) {
      assert.equal(reader.correlationId, received);
      assert.deepEqual(new Uint8Array(reader.body), body(received, (received * 37) % 257));
      received++;
    }
    reader.release();
  }
  assert.equal(received, sent);
  assert.ok(sent > 9_000);
  close();
});

test('frames that are read at once stay at the start of a large ring', () => {
  const { writer, reader, memory, close } = pair(1 << 20);
  for (let i = 0; i < 10_000; i++) {
    assert.ok(writer.write(header(i), body(i, 300)));
    writer.publish();
    assert.ok(reader.next());
    assert.equal(reader.correlationId, i);
    assert.deepEqual(new Uint8Array(reader.body), body(i, 300));
    assert.equal(reader.next(), false);
    reader.release();
  }
  assert.equal(writer.depthBytes(), 0);
  const used = new Uint8Array(memory.shared).findLastIndex((byte) => byte !== 0);
  assert.ok(used < 70_000, `${used} bytes of the ring were used`);
  close();
});

test('a reader that is now behind and now not follows its writer to the start and round the end', () => {
  const random = new Random(11);
  const { writer, reader, close } = pair(256 * 1024);
  let sent = 0;
  let received = 0;
  let refused = 0;
  for (let round = 0; round < 5_000; round++) {
    for (let frames = random.next() * 12; frames > 0; frames--) {
      if (writer.write(header(sent), body(sent, (sent * 997) % 20_000))) sent++;
      else refused++;
    }
    writer.publish();
    // Every other round it takes what there is, else a part of it.
    for (
      let frames = round % 2 === 0 ? Number.POSITIVE_INFINITY : random.next() * 4;
      frames > 0 && reader.next();
      frames--
    ) {
      assert.equal(reader.correlationId, received);
      assert.equal(Buffer.compare(reader.body, body(received, (received * 997) % 20_000)), 0);
      received++;
    }
    reader.release();
  }
  while (reader.next()) received++;
  assert.equal(received, sent);
  assert.ok(sent > 20_000 && refused > 0, `${sent} sent, ${refused} refused`);
  close();
});

test('positions wrap at 2^32', () => {
  const { writer, reader, close } = pair(1 << 20);
  const frame = new Uint8Array((1 << 18) - 64);
  // More than 4 GiB pass through a ring of 1 MiB.
  for (let i = 0; i < 17_000; i++) {
    assert.ok(writer.write(header(i), frame));
    writer.publish();
    assert.ok(reader.next());
    assert.equal(reader.correlationId, i);
    reader.release();
  }
  assert.equal(writer.depthBytes(), 0);
  close();
});

test('a full ring refuses, and the reader is told that its writer waits', () => {
  const { writer, reader, close } = pair(1024);
  let count = 0;
  while (writer.write(header(count), body(count, 100))) count++;
  assert.equal(count, 6);
  writer.publish();
  assert.equal(writer.waitForRoom(), true);
  assert.ok(reader.next());
  assert.equal(reader.release(), true);
  assert.equal(writer.write(header(count), body(count, 100)), true);
  assert.ok(reader.next());
  assert.equal(reader.release(), false, 'it asked once and is told once');
  close();
});

test('room that was made between the refusal and the request to be told is seen at once', () => {
  const { writer, reader, close } = pair(1024);
  while (writer.write(header(1), body(1, 100)));
  writer.publish();
  // The interleaving: refused, then the reader releases (nobody waits yet), then the writer asks.
  assert.ok(reader.next());
  assert.equal(reader.release(), false);
  assert.equal(writer.waitForRoom(), false);
  assert.equal(writer.write(header(2), body(2, 100)), true);
  close();
});

test('a body larger than the ring keeps its place in the order', () => {
  const { writer, reader, close } = pair(1024);
  const large = body(3, 1_000_000);
  assert.ok(writer.write(header(1), body(1, 10)));
  assert.ok(writer.write(header(2), large));
  assert.ok(writer.write(header(3), body(3, 10)));
  writer.publish();
  assert.ok(reader.next());
  assert.equal(reader.correlationId, 1);
  assert.ok(reader.next());
  assert.equal(reader.correlationId, 2);
  assert.equal(Buffer.compare(reader.body, large), 0);
  assert.ok(reader.next());
  assert.equal(reader.correlationId, 3);
  close();
});
