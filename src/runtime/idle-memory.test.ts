import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeapGrowth } from './heap-growth.ts';
import { IdleMemory } from './idle-memory.ts';
import type { ThreadHeap } from './thread-heap.ts';
import { createThreadLoads, ThreadLoads } from './thread-loads.ts';
import { planTopology } from './topology.ts';
import { VirtualClock } from './virtual-clock.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** `share`: how much of the time the loop is busy. Only `usedMib` is in use. */
class FakeHeap implements ThreadHeap {
  share = 0;
  usedMib = 10;
  youngMib = 1;
  totalMib = 60;
  readonly collections: string[] = [];
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
  youngUsedBytes = () => this.youngMib * MIB;
  youngBytes = () => this.youngMib * MIB;
  totalBytes = () => this.totalMib * MIB;

  collectYoung(): void {
    this.collections.push('young');
    this.totalMib -= this.youngMib - 1;
    this.youngMib = 1;
  }

  collectAll(): void {
    this.collections.push('all');
    this.#busyMs += 50;
    this.totalMib = this.usedMib;
    this.youngMib = 1;
  }

  count(kind: string): number {
    return this.collections.filter((each) => each === kind).length;
  }
}

/** Of the main thread, or of the history thread, 1. */
function startIdle(share: number, thread = 0) {
  const clock = new VirtualClock();
  const heap = new FakeHeap(clock);
  heap.busyMs();
  heap.share = share;
  const topology = planTopology({ historyThreads: 1, shardCount: 1, storePartitions: 1 });
  const loads = createThreadLoads(topology.threads.length);
  const flags: string[] = [];
  const growth = new HeapGrowth((flag) => flags.push(flag));
  const memory = new IdleMemory(clock, new ThreadLoads(loads, topology, thread), { heap, growth });
  memory.start();
  return { clock, heap, memory, flags, history: new ThreadLoads(loads, topology, 1) };
}

test('heaps may grow while workflows run, and not at rest or at the end', async () => {
  const { clock, memory, history, flags } = startIdle(0.001);
  await clock.advance(MINUTE);
  assert.deepEqual(flags, []);
  history.report(0.02);
  await clock.advance(MINUTE);
  assert.deepEqual(flags.splice(0), ['--heap-growing-percent=200', '--no-memory-reducer']);
  history.report(0.001);
  await clock.advance(MINUTE);
  assert.deepEqual(flags.splice(0), ['--heap-growing-percent=0', '--memory-reducer']);
  history.report(0.02);
  await clock.advance(MINUTE);
  flags.splice(0);
  memory.stop();
  assert.deepEqual(flags, ['--heap-growing-percent=0', '--memory-reducer']);
});

test('a thread that becomes still gives its memory back, once', async () => {
  const { clock, heap, memory } = startIdle(0.5);
  await clock.advance(MINUTE);
  assert.deepEqual(heap.collections, []);
  heap.share = 0.004;
  await clock.advance(40 * SECOND);
  assert.deepEqual(heap.collections, ['all']);
  await clock.advance(60 * MINUTE);
  assert.deepEqual(heap.collections, ['all'], 'there is nothing more to give back');
  memory.stop();
});

test('what a collection takes is no work that others see', async () => {
  const { clock, heap, memory, history } = startIdle(0.001, 1);
  await clock.advance(25 * SECOND);
  assert.deepEqual(heap.collections, ['all']);
  assert.equal(history.historyShare(), 0.001);
  memory.stop();
});

test('a short pause is no quiet', async () => {
  const { clock, heap, memory } = startIdle(0.5);
  heap.youngMib = 30;
  for (let wave = 0; wave < 10; wave++) {
    heap.share = 0.5;
    await clock.advance(20 * SECOND);
    heap.share = 0;
    await clock.advance(10 * SECOND);
  }
  assert.deepEqual(heap.collections, []);
  memory.stop();
});

test('where calls come all the time only the young generation is collected, and once more for the pages in the pool', async () => {
  const { clock, heap, memory } = startIdle(0.03);
  heap.youngMib = 30;
  await clock.advance(10 * MINUTE);
  assert.deepEqual(heap.collections, ['young', 'young']);
  memory.stop();
});

test('polls that come again all the time keep nothing', async () => {
  const { clock, heap, memory } = startIdle(0.02);
  heap.youngMib = 30;
  await clock.advance(40 * SECOND);
  assert.deepEqual(heap.collections, ['all']);
  heap.youngMib = 30;
  await clock.advance(20 * SECOND);
  assert.deepEqual(heap.collections, ['all', 'young', 'young']);
  memory.stop();
});

test('metrics that are read now and then keep nothing', async () => {
  const { clock, heap, memory } = startIdle(0.01);
  for (let scrape = 0; scrape < 4; scrape++) {
    heap.share = 0.05;
    await clock.advance(5 * SECOND);
    heap.share = 0.01;
    await clock.advance(10 * SECOND);
  }
  assert.deepEqual(heap.collections, ['all']);
  memory.stop();
});

test('a thread keeps everything while history runs workflows, however little it has to do itself', async () => {
  const { clock, heap, memory, history } = startIdle(0.004);
  heap.youngMib = 30;
  history.report(0.1);
  await clock.advance(10 * MINUTE);
  assert.deepEqual(heap.collections, []);
  history.report(0);
  await clock.advance(40 * SECOND);
  assert.deepEqual(heap.collections, ['all']);
  memory.stop();
});

test('what a still thread fills again and again is collected ever more rarely', async () => {
  const { clock, heap, memory } = startIdle(0.004);
  for (let second = 0; second < 60 * 60; second++) {
    heap.totalMib = 40;
    await clock.advance(SECOND);
  }
  const before = heap.count('all');
  assert.ok(before >= 5 && before <= 8, `${before} collections in an hour`);
  // After a load, as at first.
  heap.share = 0.5;
  await clock.advance(20 * SECOND);
  heap.share = 0.004;
  heap.totalMib = 200;
  await clock.advance(90 * SECOND);
  assert.equal(heap.count('all'), before + 1);
  memory.stop();
});

test('a large heap, whose collection would hold up calls, waits until there are none', async () => {
  const { clock, heap, memory } = startIdle(0.004);
  heap.usedMib = 300;
  heap.totalMib = 500;
  await clock.advance(10 * MINUTE);
  assert.equal(heap.count('all'), 0);
  heap.share = 0.001;
  await clock.advance(20 * SECOND);
  assert.equal(heap.count('all'), 1);
  memory.stop();
});

test('nothing happens after the stop', async () => {
  const { clock, heap, memory } = startIdle(0);
  memory.stop();
  await clock.advance(MINUTE);
  assert.deepEqual(heap.collections, []);
  assert.equal(clock.pendingTimers, 0);
});

test('the collection of a thread gives pages back', async () => {
  const clock = new VirtualClock();
  let garbage: object[] | undefined = Array.from({ length: 400_000 }, (_, index) => ({ index, text: [index] }));
  const before = process.memoryUsage();
  assert.equal(garbage.length, 400_000);
  garbage = undefined;
  const topology = planTopology({ historyThreads: 1, shardCount: 1, storePartitions: 1 });
  const loads = createThreadLoads(topology.threads.length);
  const memory = new IdleMemory(clock, new ThreadLoads(loads, topology, 0));
  memory.start();
  await clock.advance(60 * MINUTE);
  memory.stop();
  const after = process.memoryUsage();
  assert.ok(after.heapTotal < before.heapTotal - 10 * MIB, `${before.heapTotal} to ${after.heapTotal}`);
});
