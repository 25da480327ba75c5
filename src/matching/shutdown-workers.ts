// Workers that said they leave: a poll of theirs that is still on its way must not take a task. Temporal: shutdownWorkers
// cache in matching_engine.go, v1.31. One per matching thread.

import type { Clock } from '../runtime/clock.ts';
import { MAX_SHUTDOWN_WORKERS, SHUTDOWN_WORKER_TTL_MS } from './limits.ts';

export class ShutdownWorkers {
  /** Worker instance key to when it is forgotten, the earliest first. */
  readonly #untilMs = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(workerInstanceKey: string): void {
    if (workerInstanceKey === '') return;
    const nowMs = this.#clock.nowMs();
    for (const [key, untilMs] of this.#untilMs) {
      if (untilMs > nowMs && this.#untilMs.size < MAX_SHUTDOWN_WORKERS) break;
      this.#untilMs.delete(key);
    }
    this.#untilMs.delete(workerInstanceKey);
    this.#untilMs.set(workerInstanceKey, nowMs + SHUTDOWN_WORKER_TTL_MS);
  }

  has(workerInstanceKey: string): boolean {
    if (this.#untilMs.size === 0 || workerInstanceKey === '') return false;
    const untilMs = this.#untilMs.get(workerInstanceKey);
    return untilMs !== undefined && untilMs > this.#clock.nowMs();
  }
}
