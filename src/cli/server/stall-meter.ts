// How long the main loop was away at worst: garbage collection, a long turn, a processor given to others. Unlike the turns that
// the message hub times, this sees everything between two timers.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '../../metrics/metrics.ts';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

export class StallMeter {
  readonly #gauge;
  /** Runs from the first scrape on: its timer would keep a server that nobody watches from sleeping. */
  #delays: ReturnType<typeof monitorEventLoopDelay> | undefined;

  constructor(metrics: Metrics) {
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
      this.#delays.enable();
      return;
    }
    // Node counts the whole interval between two firings.
    const stallMs = this.#delays.count === 0 ? 0 : this.#delays.max / NS_PER_MS - RESOLUTION_MS;
    this.#gauge.set(Math.max(0, stallMs) / 1000);
    this.#delays.reset();
  }

  stop(): void {
    this.#delays?.disable();
  }
}
