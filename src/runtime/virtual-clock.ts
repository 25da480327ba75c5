// Time that moves only when a test says so. Timers run in order of due time, then of creation; between two of them everything
// that promises and deferred callbacks still have to do is done. Tests and test/simulation only.

import { invariant } from '../base/invariant.ts';
import type { Clock, TimerHandle } from './clock.ts';

/** 2026-01-01T00:00:00Z: any fixed instant would do; this one is readable in failures. */
const DEFAULT_START_MS = 1_767_225_600_000;

/** Rounds of deferred callbacks at one instant before the code under test counts as looping. */
const MAX_SETTLE_ROUNDS = 100_000;

interface VirtualTimer {
  readonly dueMs: number;
  readonly sequence: number;
  callback: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  /** Binary heap by (dueMs, sequence). Cancelled timers stay until they surface. */
  readonly #timers: VirtualTimer[] = [];
  #liveTimers = 0;
  #deferred: (() => void)[] = [];

  constructor(startMs: number = DEFAULT_START_MS) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const timer: VirtualTimer = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      sequence: this.#sequence++,
      callback,
    };
    this.#push(timer);
    this.#liveTimers++;
    return {
      cancel: () => {
        if (timer.callback === undefined) return;
        timer.callback = undefined;
        this.#liveTimers--;
      },
    };
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** Timers that are waiting to run. */
  get pendingTimers(): number {
    return this.#liveTimers;
  }

  /** When the next timer runs; undefined if none waits. */
  nextDueMs(): number | undefined {
    return this.#peek()?.dueMs;
  }

  /** Moves time forward by `durationMs`, running what falls due on the way. */
  async advance(durationMs: number): Promise<void> {
    await this.advanceTo(this.#nowMs + durationMs);
  }

  async advanceTo(targetMs: number): Promise<void> {
    await this.settle();
    for (;;) {
      const next = this.#peek();
      if (next === undefined || next.dueMs > targetMs) break;
      this.#runNext();
      await this.settle();
    }
    if (targetMs > this.#nowMs) this.#nowMs = targetMs;
  }

  /** Runs timer after timer until none is left or the next one is more than `limitMs` ahead of the time of the call. */
  async runUntilIdle(limitMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    for (;;) {
      const next = this.#peek();
      if (next === undefined || next.dueMs > endMs) return;
      this.#runNext();
      await this.settle();
    }
  }

  /** Advances from timer to timer until `condition` holds. Throws when `limitMs` of virtual time or all timers are used up. */
  async runUntil(condition: () => boolean, limitMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!condition()) {
      const next = this.#peek();
      if (next === undefined) throw new Error('VirtualClock.runUntil: no timer left and the condition does not hold');
      if (next.dueMs > endMs) throw new Error(`VirtualClock.runUntil: the condition does not hold after ${limitMs} ms`);
      this.#runNext();
      await this.settle();
    }
  }

  /** Lets promises, immediates and deferred callbacks of the present instant finish. Time does not move. */
  async settle(): Promise<void> {
    for (let round = 0; round < MAX_SETTLE_ROUNDS; round++) {
      // An immediate runs only after every microtask queued so far, and all that those queue.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#deferred.length === 0) return;
      const deferred = this.#deferred;
      this.#deferred = [];
      for (const callback of deferred) callback();
    }
    throw new Error('VirtualClock.settle: deferred callbacks keep deferring');
  }

  #runNext(): void {
    const timer = this.#pop();
    invariant(timer?.callback !== undefined, 'a timer that surfaces is not cancelled');
    const callback = timer.callback;
    timer.callback = undefined;
    this.#liveTimers--;
    if (timer.dueMs > this.#nowMs) this.#nowMs = timer.dueMs;
    callback();
  }

  /** The earliest timer that is not cancelled. */
  #peek(): VirtualTimer | undefined {
    while (this.#timers.length > 0) {
      const first = this.#timers[0]!;
      if (first.callback !== undefined) return first;
      this.#pop();
    }
    return undefined;
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#timers;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): VirtualTimer | undefined {
    const heap = this.#timers;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(left: VirtualTimer, right: VirtualTimer): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence);
}
