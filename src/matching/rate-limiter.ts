// How fast a partition may dispatch: the least of what the system, the queue's configuration and its workers allow. A virtual
// scheduling (GCRA) limiter as in Temporal's ratelimit_manager.go and matcher_data.go, v1.31. Matching thread.

import { RateLimitSource } from '#proto/temporal/api/enums/v1';
import { RATE_BURST_MS } from './limits.ts';

/** Below this a rate counts as zero: nothing is dispatched. Temporal: makeSimpleLimiterParams. */
const MIN_RATE_PER_SECOND = 1e-9;

export class RateLimiter {
  #systemPerSecond: number;
  #workerPerSecond: number | undefined;
  #apiPerSecond: number | undefined;
  #readPartitions: number;
  /** Per partition. */
  #effectivePerSecond = 0;
  #source: RateLimitSource = RateLimitSource.SYSTEM;
  /** Time from one task to the next; Infinity when nothing may go. */
  #intervalMs = 0;
  /** The next task may go from here on. */
  #readyMs = 0;

  constructor(systemPerSecond: number, readPartitions: number) {
    this.#systemPerSecond = systemPerSecond;
    this.#readPartitions = Math.max(1, readPartitions);
    this.#update(0);
  }

  /** What the last poll asked for; undefined takes the limit away. The last poller wins. Whether anything changed. */
  setWorkerRate(perSecond: number | undefined, nowMs: number): boolean {
    if (perSecond === this.#workerPerSecond) return false;
    this.#workerPerSecond = perSecond;
    this.#update(nowMs);
    return true;
  }

  setApiRate(perSecond: number | undefined, nowMs: number): void {
    if (perSecond === this.#apiPerSecond) return;
    this.#apiPerSecond = perSecond;
    this.#update(nowMs);
  }

  setSystemRate(perSecond: number, readPartitions: number, nowMs: number): void {
    const partitions = Math.max(1, readPartitions);
    if (perSecond === this.#systemPerSecond && partitions === this.#readPartitions) return;
    this.#systemPerSecond = perSecond;
    this.#readPartitions = partitions;
    this.#update(nowMs);
  }

  /** Of the whole queue, over all its partitions. */
  get effectivePerSecond(): number {
    return this.#effectivePerSecond * this.#readPartitions;
  }

  get source(): RateLimitSource {
    return this.#source;
  }

  /** How long the next task has to wait: 0 or less if it may go now, Infinity if none may. */
  delayMs(nowMs: number): number {
    return this.#intervalMs === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : this.#readyMs - nowMs;
  }

  consume(nowMs: number): void {
    this.#spend(nowMs, 1);
  }

  /** Gives back what a task took that was not started after all. */
  refund(nowMs: number): void {
    this.#spend(nowMs, -1);
  }

  #spend(nowMs: number, tokens: number): void {
    if (this.#intervalMs === Number.POSITIVE_INFINITY) return;
    const base = Math.max(nowMs, this.#readyMs + RATE_BURST_MS) - RATE_BURST_MS;
    this.#readyMs = base + tokens * this.#intervalMs;
  }

  #update(nowMs: number): void {
    let perSecond = Number.POSITIVE_INFINITY;
    let source: RateLimitSource = RateLimitSource.SYSTEM;
    if (this.#apiPerSecond !== undefined) {
      perSecond = this.#apiPerSecond / this.#readPartitions;
      source = RateLimitSource.API;
    } else if (this.#workerPerSecond !== undefined) {
      perSecond = this.#workerPerSecond / this.#readPartitions;
      source = RateLimitSource.WORKER;
    }
    if (perSecond >= this.#systemPerSecond) {
      perSecond = this.#systemPerSecond;
      source = RateLimitSource.SYSTEM;
    }
    this.#source = source;
    if (perSecond === this.#effectivePerSecond) return;
    this.#effectivePerSecond = perSecond;
    this.#intervalMs = perSecond <= MIN_RATE_PER_SECOND ? Number.POSITIVE_INFINITY : 1_000 / perSecond;
    // A very low rate may have put the next task far away: a higher one must not wait for it.
    if (this.#intervalMs !== Number.POSITIVE_INFINITY) {
      this.#readyMs = Math.min(this.#readyMs, nowMs + this.#intervalMs + RATE_BURST_MS);
    }
  }
}
