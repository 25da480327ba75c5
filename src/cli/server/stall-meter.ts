// How long the main loop was away at worst: garbage collection, a long turn, a processor given to others. Unlike the turns that
// the message hub times, this sees everything between two timers.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Clock, TimerHandle } from '../../runtime/clock.ts';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** How often it looks whether the loop does anything. */
const LOOK_INTERVAL_MS = 1_000;

/**
 * Of a loop that was busy for less only every look is timed: a hundred timers a second are half of what a server costs that keeps nothing
 * but polls.
 */
const BUSY_SHARE = 0.05;

export class StallMeter {
  readonly #clock: Clock;
  readonly #gauge;
  /** Watches from the first scrape on: a server that nobody watches has nothing to pay. */
  #delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
  #watching = false;
  #timer: TimerHandle | undefined;
  #lookDueMs = 0;
  #busyMs = 0;
  #latestLookMs = 0;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#gauge = metrics.gauge({
      name: 'ostinato_main_loop_longest_stall_seconds',
      help: 'Longest delay of a timer of the main loop since the last scrape; 0 at the first',
      kind: 'gauge',
    });
  }

  /** Brings the gauge up to date and begins anew. */
  sample(): void {
    if (this.#delays === undefined) {
      this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#busyMs = performance.eventLoopUtilization().active;
      this.#watch(true);
      this.#lookLater();
      return;
    }
    // Node counts the whole interval between two firings.
    const delayMs = this.#delays.count === 0 ? 0 : this.#delays.max / NS_PER_MS - RESOLUTION_MS;
    this.#gauge.set(Math.max(0, delayMs, this.#latestLookMs) / 1000);
    this.#delays.reset();
    this.#latestLookMs = 0;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#watch(false);
  }

  #lookLater(): void {
    this.#lookDueMs = this.#clock.nowMs() + LOOK_INTERVAL_MS;
    this.#timer = this.#clock.after(LOOK_INTERVAL_MS, () => {
      const lateMs = this.#clock.nowMs() - this.#lookDueMs;
      this.#latestLookMs = Math.max(this.#latestLookMs, lateMs);
      const busyMs = performance.eventLoopUtilization().active;
      this.#watch(busyMs - this.#busyMs >= BUSY_SHARE * (LOOK_INTERVAL_MS + lateMs));
      this.#busyMs = busyMs;
      this.#lookLater();
    });
  }

  #watch(watching: boolean): void {
    if (watching === this.#watching) return;
    this.#watching = watching;
    if (watching) this.#delays?.enable();
    else this.#delays?.disable();
  }
}
