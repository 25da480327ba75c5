// Moments in which nobody waits for this thread. What could be done a little later, and would make somebody wait beside it, is done in them: on
// few cores such work costs a workflow's step its own length, and a collection that V8 chooses itself always falls into a step, because
// only steps allocate (docs/performance.md, "A fifth look"). One for each history thread; runs on it.

import type { Clock, TimerHandle } from './clock.ts';

/** Nothing has stirred for so long: a worker that has been given a task comes back sooner, or it has work of its own to do. */
export const CALM_MS = 6;
/** Between two looks for a moment that does not come. */
const MAX_PAUSE_MS = 60;

export class QuietMoments {
  readonly #clock: Clock;
  #stirredAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something begins or ends at `nowMs` that somebody waits for. */
  stir(nowMs: number): void {
    this.#stirredAtMs = nowMs;
  }

  /**
   * Calls once, in the next quiet moment; after `patienceMs` whatever the moment is. Looks less and less often, so that a load without pauses
   * pays next to nothing for being looked at.
   */
  next(patienceMs: number, callback: () => void): TimerHandle {
    const untilMs = this.#clock.nowMs() + patienceMs;
    let pauseMs = 0;
    const wait = (): TimerHandle => {
      const nowMs = this.#clock.nowMs();
      const leftMs = Math.max(this.#stirredAtMs + CALM_MS - nowMs, pauseMs);
      return this.#clock.after(Math.max(0, Math.min(leftMs, untilMs - nowMs)), look);
    };
    const look = (): void => {
      const nowMs = this.#clock.nowMs();
      if (nowMs >= Math.min(this.#stirredAtMs + CALM_MS, untilMs)) {
        callback();
        return;
      }
      pauseMs = Math.min(Math.max(2 * pauseMs, CALM_MS / 2), MAX_PAUSE_MS);
      timer = wait();
    };
    let timer = wait();
    return { cancel: () => timer.cancel() };
  }
}
