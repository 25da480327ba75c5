// Moments in which nobody waits for this thread. What could be done a little later, and would make somebody wait beside it, is done in them: on
// few cores such work costs a workflow's step its own length, and a collection that V8 chooses itself always falls into a step, because
// only steps allocate (docs/performance.md, "A fifth look"). One for each history thread; runs on it.

import type { Clock, TimerHandle } from './clock.ts';

/** Nothing has stirred for so long: a worker that has been given a task comes back sooner, or it has work of its own to do. */
export const CALM_MS = 6;

export class QuietMoments {
  readonly #clock: Clock;
  #stirredAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call when something begins or ends that somebody waits for. */
  stir(): void {
    this.#stirredAtMs = this.#clock.nowMs();
  }

  /** Calls once, in the next quiet moment; after `patienceMs` whatever the moment is. */
  next(patienceMs: number, callback: () => void): TimerHandle {
    const untilMs = this.#clock.nowMs() + patienceMs;
    const leftMs = () => Math.min(this.#stirredAtMs + CALM_MS, untilMs) - this.#clock.nowMs();
    const wait = (): TimerHandle =>
      this.#clock.after(Math.max(0, leftMs()), () => {
        if (leftMs() > 0) timer = wait();
        else callback();
      });
    let timer = wait();
    return { cancel: () => timer.cancel() };
  }
}
