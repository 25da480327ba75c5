import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HeapGauge, IdleMemory } from './idle-memory.ts';
import { VirtualClock } from './virtual-clock.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A heap of which nothing is in use but what the test says. `share`: how much of the time the loop is busy. */
class FakeHeap implements HeapGauge {
  share = 0;
  usedMib = 10;
  totalMib = 60;
  collections = 0;
  readonly #clock: VirtualClock;
  #busyMs = 0;
  #atMs: number;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#atMs = clock.nowMs();
  }

  busyMs(): number {
    this.#busyMs += this.share * (this.#clock.nowMs() - this.#atMs);
    this.#atMs = this.#clock.nowMs();
    return this.#busyMs;
  }

  usedBytes = () => this.usedMib * MIB;
  totalBytes = () => this.totalMib * MIB;

  collect(): void {
    this.collections++;
    this.totalMib = this.usedMib;
  }
}

function startIdle(share: number) {
  const clock = new VirtualClock();
  const heap = new FakeHeap(clock);
  heap.share = share;
  const memory = new IdleMemory(clock, heap);
  memory.start();
  return { clock, heap, memory };
}

test('a thread that becomes quiet gives its memory back, once', async () => {
  const { clock, heap, memory } = startIdle(0.5);
  await clock.advance(MINUTE);
  assert.equal(heap.collections, 0);
  heap.share = 0.05;
  await clock.advance(15 * SECOND);
  assert.equal(heap.collections, 1);
  await clock.advance(60 * MINUTE);
  assert.equal(heap.collections, 1, 'there is nothing more to give back');
  memory.stop();
});

test('a pause of one look is no quiet', async () => {
  const { clock, heap, memory } = startIdle(0.5);
  for (let wave = 0; wave < 10; wave++) {
    heap.share = 0.5;
    await clock.advance(5 * SECOND);
    heap.share = 0;
    await clock.advance(5 * SECOND);
  }
  assert.equal(heap.collections, 0);
  memory.stop();
});

test('what a quiet thread fills again and again is collected ever more rarely', async () => {
  const { clock, heap, memory } = startIdle(0.05);
  for (let second = 0; second < 60 * 60; second++) {
    heap.totalMib = 40;
    await clock.advance(SECOND);
  }
  assert.ok(heap.collections >= 5 && heap.collections <= 8, `${heap.collections} collections in an hour`);
  // After a load, as at first.
  heap.share = 0.5;
  await clock.advance(10 * SECOND);
  heap.share = 0.05;
  heap.totalMib = 200;
  const before = heap.collections;
  await clock.advance(75 * SECOND);
  assert.equal(heap.collections, before + 1);
  memory.stop();
});

test('a large heap, whose collection would hold up calls, waits until there are next to none', async () => {
  const { clock, heap, memory } = startIdle(0.05);
  heap.usedMib = 300;
  heap.totalMib = 500;
  await clock.advance(10 * MINUTE);
  assert.equal(heap.collections, 0);
  heap.share = 0.01;
  await clock.advance(10 * SECOND);
  assert.equal(heap.collections, 1);
  memory.stop();
});

test('nothing happens after the stop', async () => {
  const { clock, heap, memory } = startIdle(0);
  memory.stop();
  await clock.advance(MINUTE);
  assert.equal(heap.collections, 0);
  assert.equal(clock.pendingTimers, 0);
});

test('the collection of a thread gives pages back', async () => {
  const clock = new VirtualClock();
  let garbage: object[] | undefined = Array.from({ length: 400_000 }, (_, index) => ({ index, text: [index] }));
  const before = process.memoryUsage();
  assert.equal(garbage.length, 400_000);
  garbage = undefined;
  const memory = new IdleMemory(clock);
  memory.start();
  await clock.advance(MINUTE);
  memory.stop();
  const after = process.memoryUsage();
  assert.ok(after.heapTotal < before.heapTotal - 10 * MIB, `${before.heapTotal} to ${after.heapTotal}`);
});
