// Gives back what a thread's heap took under load once there is little to do: V8 keeps the pages that the start or a burst of calls needed,
// tens of MiB a thread, and lets the young generation grow with every object that survives, however slowly they come. One for each thread.

import type { Clock, TimerHandle } from './clock.ts';
import type { HeapGrowth } from './heap-growth.ts';
import { type ThreadHeap, V8Heap } from './thread-heap.ts';
import type { ThreadLoads } from './thread-loads.ts';

const MIB = 1024 * 1024;

/** Between two looks at the thread; the first follows its start by as much. */
const LOOK_INTERVAL_MS = 5_000;

/** How busy a thread is shows over so many: load that comes in waves keeps its pages, and a scrape of metrics alone (0.3 s) is no load. */
const LOOKS = 4;

/**
 * While the busiest history thread is busy for more than this, nothing is given back by any thread: whoever runs workflows does not want their
 * calls to wait for a collection. 27 workflows a second on PostgreSQL paid for them with a p99 of 41 ms instead of 18, and a quarter more CPU;
 * they keep history busy for 11 %, matching for 2 %. 5,000 parked polls that come again once a minute: main 2 %, matching 1 %, history 0.04 %
 * (docs/performance.md).
 */
const RUNS_SHARE = 0.01;

/** A loop that is busy for a smaller share is quiet: polls come and go, calls come now and then. */
const QUIET_SHARE = 0.05;
const STILL_SHARE = 0.025;
/** As good as nothing happens. */
const ASLEEP_SHARE = 0.002;

/**
 * A young generation below this stays. Collecting it takes 1 to 3 ms, as V8 does all the time by itself; asked for while little is
 * allocated it shrinks, and V8's pool gives the pages back at the next collection that follows 8 s later (--memory-pool-timeout).
 */
const MIN_YOUNG_BYTES = 2 * MIB;

/**
 * Collecting everything stops the thread for 1.5 ms a MiB in use (measured: 33 ms with 11 MiB, 150 ms with 143): for still threads only,
 * and with more in use than this only for those that are asleep.
 */
const MAX_STILL_BYTES = 64 * MIB;

/** What the rest of the heap must have grown by since everything was collected. */
const MIN_GROWTH_BYTES = 4 * MIB;

/** After everything was collected; twice as long each time until the thread has been busy: what grows again so soon is needed. */
const FIRST_REST_MS = 60_000;
const MAX_REST_MS = 15 * 60_000;

export interface IdleMemoryOptions {
  readonly heap?: ThreadHeap;
  /** For the one thread that sets it for all. */
  readonly growth?: HeapGrowth;
}

export class IdleMemory {
  readonly #clock: Clock;
  readonly #loads: ThreadLoads;
  readonly #heap: ThreadHeap;
  readonly #growth: HeapGrowth | undefined;
  #timer: TimerHandle | undefined;
  /** The last looks, the oldest first. */
  readonly #looks: { readonly atMs: number; readonly busyMs: number }[] = [];
  /** Spent on collections: nobody's work. */
  #collectingMs = 0;
  /** Pages wait in V8's pool for one more collection. */
  #pooled = false;
  #oldBytesAfterAll = 0;
  #collectedAllAtMs = 0;
  #restMs = FIRST_REST_MS;
  #restUntilMs = 0;

  constructor(clock: Clock, loads: ThreadLoads, { heap = new V8Heap(), growth }: IdleMemoryOptions = {}) {
    this.#clock = clock;
    this.#loads = loads;
    this.#heap = heap;
    this.#growth = growth;
  }

  start(): void {
    this.#note();
    this.#lookAgain();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#growth?.set(false);
  }

  #lookAgain(): void {
    this.#timer = this.#clock.after(LOOK_INTERVAL_MS, () => {
      this.#look();
      this.#lookAgain();
    });
  }

  /** How busy the thread was since the oldest look that is remembered. */
  #note(): number {
    const atMs = this.#clock.nowMs();
    const busyMs = this.#heap.busyMs() - this.#collectingMs;
    this.#looks.push({ atMs, busyMs });
    const oldest = this.#looks[0]!;
    return (busyMs - oldest.busyMs) / Math.max(1, atMs - oldest.atMs);
  }

  #look(): void {
    const share = this.#note();
    this.#loads.report(share);
    const runs = this.#loads.historyShare() >= RUNS_SHARE;
    this.#growth?.set(runs);
    if (this.#looks.length <= LOOKS) return;
    this.#looks.shift();
    if (share >= QUIET_SHARE || runs) {
      this.#restMs = FIRST_REST_MS;
      this.#restUntilMs = Math.min(this.#restUntilMs, this.#collectedAllAtMs + FIRST_REST_MS);
    } else {
      this.#giveBack(share);
    }
  }

  #giveBack(share: number): void {
    const beforeMs = this.#heap.busyMs();
    if (share < STILL_SHARE && this.#allIsWorthIt(share)) this.#collectAll();
    else if (this.#pooled || this.#heap.youngBytes() >= MIN_YOUNG_BYTES) this.#collectYoung();
    this.#collectingMs += this.#heap.busyMs() - beforeMs;
  }

  #allIsWorthIt(share: number): boolean {
    if (this.#clock.nowMs() < this.#restUntilMs) return false;
    if (share >= ASLEEP_SHARE && this.#heap.usedBytes() > MAX_STILL_BYTES) return false;
    return this.#oldBytes() >= this.#oldBytesAfterAll + MIN_GROWTH_BYTES;
  }

  #collectAll(): void {
    this.#heap.collectAll();
    this.#oldBytesAfterAll = this.#oldBytes();
    this.#pooled = false;
    this.#collectedAllAtMs = this.#clock.nowMs();
    this.#restUntilMs = this.#collectedAllAtMs + this.#restMs;
    this.#restMs = Math.min(2 * this.#restMs, MAX_REST_MS);
  }

  #collectYoung(): void {
    const before = this.#heap.youngBytes();
    this.#heap.collectYoung();
    this.#pooled = this.#heap.youngBytes() < before;
  }

  #oldBytes(): number {
    return this.#heap.totalBytes() - this.#heap.youngBytes();
  }
}
