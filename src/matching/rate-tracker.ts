// How many tasks per second went by lately, in a ring of counting buckets. Temporal: task_tracker.go, v1.31.

import { RATE_BUCKET_MS, RATE_WINDOW_MS } from './limits.ts';

const BUCKETS = RATE_WINDOW_MS / RATE_BUCKET_MS + 1;

export class RateTracker {
  readonly #counts = new Uint32Array(BUCKETS);
  readonly #startedMs: number;
  #bucketStartedMs: number;
  #current = 0;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#bucketStartedMs = nowMs;
  }

  add(nowMs: number, count = 1): void {
    this.#advance(nowMs);
    this.#counts[this.#current]! += count;
  }

  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    let total = 0;
    for (const count of this.#counts) total += count;
    const elapsedMs = Math.min(nowMs - this.#bucketStartedMs + RATE_WINDOW_MS, nowMs - this.#startedMs);
    return elapsedMs <= 0 ? 0 : (total * 1_000) / elapsedMs;
  }

  #advance(nowMs: number): void {
    const steps = Math.floor((nowMs - this.#bucketStartedMs) / RATE_BUCKET_MS);
    if (steps <= 0) return;
    for (let i = 0; i < Math.min(steps, BUCKETS); i++) {
      this.#current = (this.#current + 1) % BUCKETS;
      this.#counts[this.#current] = 0;
    }
    this.#bucketStartedMs += steps * RATE_BUCKET_MS;
  }
}
