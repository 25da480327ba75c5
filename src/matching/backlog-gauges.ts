// Keeps a partition's backlog gauges fresh: soon after a change, and every few seconds as long as something waits, because
// its age grows by itself. Matching thread.

import type { Clock, TimerHandle } from '../runtime/clock.ts';
import type { Backlogs } from './backlogs.ts';
import type { PartitionMetrics } from './metrics.ts';

/** Changes within this are reported together. */
const AFTER_CHANGE_MS = 1_000;

/** How old the reported age may be; scrapes come every 15 s or so. */
const WHILE_WAITING_MS = 15_000;

export class BacklogGauges {
  readonly #clock: Clock;
  readonly #backlogs: Backlogs;
  readonly #metrics: PartitionMetrics;
  #timer: TimerHandle | undefined;
  #dueMs = 0;
  #closed = false;

  constructor(clock: Clock, backlogs: Backlogs, metrics: PartitionMetrics) {
    this.#clock = clock;
    this.#backlogs = backlogs;
    this.#metrics = metrics;
  }

  changed(): void {
    if (this.#timer === undefined || this.#dueMs > this.#clock.nowMs() + AFTER_CHANGE_MS) this.#report(AFTER_CHANGE_MS);
  }

  /** What is not in memory has no backlog to show. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#metrics.backlogCount.set(0);
    this.#metrics.backlogAge.set(0);
  }

  #report(afterMs: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#dueMs = this.#clock.nowMs() + afterMs;
    this.#timer = this.#clock.after(afterMs, () => {
      this.#timer = undefined;
      const { count, oldestCreatedMs } = this.#backlogs;
      const ageMs = oldestCreatedMs === undefined ? 0 : Math.max(0, this.#clock.nowMs() - oldestCreatedMs);
      this.#metrics.backlogCount.set(count);
      this.#metrics.backlogAge.set(ageMs / 1_000);
      if (count > 0) this.#report(WHILE_WAITING_MS);
    });
  }
}
