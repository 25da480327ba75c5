// Gives back what a thread's heap took under load once there is little to do. V8 keeps the pages that a burst of calls or the start needed,
// tens of MiB a thread, for the next burst, and never looks again while nothing happens. One for each thread.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, TimerHandle } from './clock.ts';

const MIB = 1024 * 1024;

/** Between two looks at the thread. The first follows the start by as much. */
const LOOK_INTERVAL_MS = 5_000;

/** A loop that was busy for a smaller share of an interval has little to do; one of `STILL_SHARE` as good as nothing. */
const QUIET_SHARE = 0.1;
const STILL_SHARE = 0.02;

/** Quiet looks in a row before a collection: load that comes in waves keeps its pages. */
const QUIET_LOOKS = 2;

/**
 * A collection stops the thread for 1.5 ms a MiB in use (measured: 33 ms with 11 MiB in use, 150 ms with 143). A thread with calls now and
 * then does not collect more than this.
 */
const MAX_QUIET_BYTES = 64 * MIB;

/** What a heap must have grown by since the last collection to be worth the next one. */
const MIN_GROWTH_BYTES = 4 * MIB;

/** After a collection; twice as long each time until the thread has been busy: what grows again so soon is needed. */
const FIRST_REST_MS = 60_000;
const MAX_REST_MS = 15 * 60_000;

/** What V8 and the loop tell; replaced in tests. */
export interface HeapGauge {
  /** Milliseconds that the loop was busy since the thread began. */
  busyMs(): number;
  usedBytes(): number;
  totalBytes(): number;
  collect(): void;
}

export class IdleMemory {
  readonly #clock: Clock;
  readonly #heap: HeapGauge;
  #timer: TimerHandle | undefined;
  #lookedAtMs = 0;
  #busyMs = 0;
  #quietLooks = 0;
  #totalAfterLast = 0;
  #restMs = FIRST_REST_MS;
  #restUntilMs = 0;
  #collectedAtMs = 0;
  #stopped = false;

  constructor(clock: Clock, heap: HeapGauge = v8Heap()) {
    this.#clock = clock;
    this.#heap = heap;
  }

  start(): void {
    this.#lookedAtMs = this.#clock.nowMs();
    this.#busyMs = this.#heap.busyMs();
    this.#lookAgain();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #lookAgain(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(LOOK_INTERVAL_MS, () => this.#look());
  }

  #look(): void {
    const share = this.#busyShare();
    if (share >= QUIET_SHARE) {
      this.#quietLooks = 0;
      this.#restMs = FIRST_REST_MS;
      this.#restUntilMs = Math.min(this.#restUntilMs, this.#collectedAtMs + FIRST_REST_MS);
    } else if (++this.#quietLooks >= QUIET_LOOKS && this.#isWorthIt(share)) {
      this.#heap.collect();
      this.#totalAfterLast = this.#heap.totalBytes();
      this.#collectedAtMs = this.#clock.nowMs();
      this.#restUntilMs = this.#collectedAtMs + this.#restMs;
      this.#restMs = Math.min(2 * this.#restMs, MAX_REST_MS);
      this.#busyShare(); // the collection itself is no load
    }
    this.#lookAgain();
  }

  #busyShare(): number {
    const nowMs = this.#clock.nowMs();
    const busyMs = this.#heap.busyMs();
    const share = (busyMs - this.#busyMs) / Math.max(1, nowMs - this.#lookedAtMs);
    this.#lookedAtMs = nowMs;
    this.#busyMs = busyMs;
    return share;
  }

  #isWorthIt(share: number): boolean {
    if (this.#clock.nowMs() < this.#restUntilMs) return false;
    if (share >= STILL_SHARE && this.#heap.usedBytes() > MAX_QUIET_BYTES) return false;
    return this.#heap.totalBytes() >= this.#totalAfterLast + MIN_GROWTH_BYTES;
  }
}

function v8Heap(): HeapGauge {
  return {
    busyMs: () => performance.eventLoopUtilization().active,
    usedBytes: () => getHeapStatistics().used_heap_size,
    totalBytes: () => getHeapStatistics().total_heap_size,
    collect: collectAll,
  };
}

/**
 * V8's answer to a signal of low memory, the one collection that also gives pages back. Node has no call for it: the function comes with
 * a flag, in contexts that begin under it. (The inspector has one, too, but threads that collect at once by it wait for each other for ever.)
 */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  setFlagsFromString('--no-expose-gc'); // the compile cache knows code by the flags that it was made under
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
