// Gives back what a thread's heap took under load once there is little to do: V8 keeps the pages that the start or a burst of calls needed,
// tens of MiB a thread, and lets the young generation grow with every object that survives, however slowly they come. One for each thread.

import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, TimerHandle } from './clock.ts';
import type { ThreadLoads } from './thread-loads.ts';

const MIB = 1024 * 1024;

/** Between two looks at the thread; the first follows its start by as much. */
const LOOK_INTERVAL_MS = 5_000;

/**
 * What the thread's own loop and the busiest history thread may be busy of an interval. Whoever runs workflows does not want their calls to wait
 * for a collection: 27 workflows a second on PostgreSQL paid for collections with a p99 of 41 ms instead of 18, and a quarter more CPU; they keep
 * history busy for 11 %, matching for 2 %. 5,000 parked polls that come again once a minute keep main busy for 1.5 %, matching for 0.7 % and
 * history for 0.04 %, and let main's young generation grow to 64 MiB (docs/performance.md).
 */
interface Calm {
  readonly ownShare: number;
  readonly historyShare: number;
}
/** Polls come and go, calls come now and then, less than two workflows a second. */
const QUIET: Calm = { ownShare: 0.05, historyShare: 0.01 };
/** The same without workflows. */
const STILL: Calm = { ownShare: 0.025, historyShare: 0.002 };
/** As good as nothing happens. */
const ASLEEP: Calm = { ownShare: 0.002, historyShare: 0.002 };

/** Looks in a row before anything is given back: load that comes in waves keeps its pages. */
const LOOKS_IN_A_ROW = 4;

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

/** What V8 and the loop tell and do; replaced in tests. */
export interface ThreadHeap {
  /** Milliseconds that the loop was busy since the thread began. */
  busyMs(): number;
  usedBytes(): number;
  /** Pages that V8 holds: of the young generation, and of all. */
  youngBytes(): number;
  totalBytes(): number;
  collectYoung(): void;
  collectAll(): void;
}

export class IdleMemory {
  readonly #clock: Clock;
  readonly #loads: ThreadLoads;
  readonly #heap: ThreadHeap;
  #timer: TimerHandle | undefined;
  #lookedAtMs = 0;
  #busyMs = 0;
  #quietLooks = 0;
  #stillLooks = 0;
  /** Pages wait in V8's pool for one more collection. */
  #pooled = false;
  #oldBytesAfterAll = 0;
  #collectedAllAtMs = 0;
  #restMs = FIRST_REST_MS;
  #restUntilMs = 0;

  constructor(clock: Clock, loads: ThreadLoads, heap: ThreadHeap = new V8Heap()) {
    this.#clock = clock;
    this.#loads = loads;
    this.#heap = heap;
  }

  start(): void {
    this.#busyShare();
    this.#lookAgain();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #lookAgain(): void {
    this.#timer = this.#clock.after(LOOK_INTERVAL_MS, () => {
      const ownShare = this.#busyShare();
      this.#loads.report(ownShare);
      this.#look({ ownShare, historyShare: this.#loads.historyShare() });
      this.#busyShare(); // what a collection took is nobody's work
      this.#lookAgain();
    });
  }

  #busyShare(): number {
    const nowMs = this.#clock.nowMs();
    const busyMs = this.#heap.busyMs();
    const share = (busyMs - this.#busyMs) / Math.max(1, nowMs - this.#lookedAtMs);
    this.#lookedAtMs = nowMs;
    this.#busyMs = busyMs;
    return share;
  }

  #look(calm: Calm): void {
    this.#quietLooks = isWithin(calm, QUIET) ? this.#quietLooks + 1 : 0;
    this.#stillLooks = isWithin(calm, STILL) ? this.#stillLooks + 1 : 0;
    if (this.#quietLooks === 0) {
      this.#restMs = FIRST_REST_MS;
      this.#restUntilMs = Math.min(this.#restUntilMs, this.#collectedAllAtMs + FIRST_REST_MS);
    }
    if (this.#quietLooks < LOOKS_IN_A_ROW) return;
    if (this.#stillLooks >= LOOKS_IN_A_ROW && this.#allIsWorthIt(calm)) this.#collectAll();
    else if (this.#pooled || this.#heap.youngBytes() >= MIN_YOUNG_BYTES) this.#collectYoung();
  }

  #allIsWorthIt(calm: Calm): boolean {
    if (this.#clock.nowMs() < this.#restUntilMs) return false;
    if (!isWithin(calm, ASLEEP) && this.#heap.usedBytes() > MAX_STILL_BYTES) return false;
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

function isWithin(calm: Calm, limit: Calm): boolean {
  return calm.ownShare < limit.ownShare && calm.historyShare < limit.historyShare;
}

type Collect = (options: {
  readonly type: 'minor' | 'major';
  readonly execution?: 'sync';
  flavor?: 'last-resort';
}) => void;

class V8Heap implements ThreadHeap {
  #collect: Collect | undefined;

  busyMs(): number {
    return performance.eventLoopUtilization().active;
  }

  usedBytes(): number {
    return getHeapStatistics().used_heap_size;
  }

  youngBytes(): number {
    return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
  }

  totalBytes(): number {
    return getHeapStatistics().total_heap_size;
  }

  collectYoung(): void {
    this.#collect ??= collector();
    this.#collect({ type: 'minor' });
  }

  /** V8's answer to a signal of low memory: all it can find, and every page that is free goes back. */
  collectAll(): void {
    this.#collect ??= collector();
    this.#collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }
}

/**
 * Node has no call for it: the function comes with a flag, in contexts that begin under it, 170 KB each. (The inspector can collect, too,
 * but threads that do so at the same time wait for each other for ever.)
 */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc'); // the compile cache knows code by the flags that it was made under
  }
}
