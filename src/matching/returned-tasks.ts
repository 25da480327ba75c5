// Tasks whose start failed for now: each waits a little longer than the time before and is then offered again. Bounded by the
// backlog's buffer, from which they all come. Matching thread.

import type { Clock, TimerHandle } from '../runtime/clock.ts';
import { RETURN_BACKOFF_FIRST_MS, RETURN_BACKOFF_MAX_MS } from './limits.ts';
import type { Task } from './task.ts';

export class ReturnedTasks {
  readonly #timers = new Set<TimerHandle>();
  /** Returned and not done since, waiting or not. */
  readonly #open = new Set<Task>();
  readonly #clock: Clock;
  readonly #offer: (task: Task) => void;

  constructor(clock: Clock, offer: (task: Task) => void) {
    this.#clock = clock;
    this.#offer = offer;
  }

  /** Tasks whose start may have been recorded: their request ids must not get lost. */
  get open(): number {
    return this.#open.size;
  }

  done(task: Task): void {
    this.#open.delete(task);
  }

  /** The task goes back without a pause. */
  keep(task: Task): void {
    this.#open.add(task);
  }

  add(task: Task): void {
    this.#open.add(task);
    const doublings = Math.min(Math.max(0, task.attempts - 1), 20);
    const delayMs = Math.min(RETURN_BACKOFF_FIRST_MS * 2 ** doublings, RETURN_BACKOFF_MAX_MS);
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      this.#offer(task);
    });
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#open.clear();
  }
}
