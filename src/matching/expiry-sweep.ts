// Takes expired tasks out of memory while no poll comes to find them, so that backlog counts stay true. Matching thread.

import type { Clock, TimerHandle } from '../runtime/clock.ts';
import { EXPIRY_SWEEP_MIN_INTERVAL_MS } from './limits.ts';
import type { Matcher } from './matcher.ts';
import type { Task } from './task.ts';

export class ExpirySweep {
  #timer: TimerHandle | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  readonly #matcher: Matcher;
  readonly #expired: (task: Task) => void;

  constructor(clock: Clock, matcher: Matcher, expired: (task: Task) => void) {
    this.#clock = clock;
    this.#matcher = matcher;
    this.#expired = expired;
  }

  /** A task that expires at this time begins to wait. */
  watch(expiresAtMs: number): void {
    if (expiresAtMs >= this.#dueMs) return;
    const nowMs = this.#clock.nowMs();
    this.#timer?.cancel();
    this.#dueMs = Math.max(expiresAtMs, nowMs + EXPIRY_SWEEP_MIN_INTERVAL_MS);
    this.#timer = this.#clock.after(this.#dueMs - nowMs, () => this.#sweep());
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueMs = 0;
  }

  #sweep(): void {
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    const expired = this.#matcher.removeTasks((task) => {
      if (task.expiresAtMs <= nowMs) return true;
      if (task.expiresAtMs < nextMs) nextMs = task.expiresAtMs;
      return false;
    });
    for (const task of expired) if (task.kind === 'task') this.#expired(task);
    if (nextMs !== Number.POSITIVE_INFINITY) this.watch(nextMs);
  }
}
