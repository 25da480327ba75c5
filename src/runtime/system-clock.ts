// The real clock. One per thread; all of them agree to within the operating system's clock.

import type { Clock, TimerHandle } from './clock.ts';
import { Turn } from './turn.ts';

/** setTimeout takes 32-bit milliseconds and fires at once beyond that (nodejs.org/api/timers). */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** How often the monotonic estimate is compared with the wall clock: one Date.now() per second costs nothing. */
const RESYNC_INTERVAL_MS = 1_000;

/** Above this distance the wall clock was set (NTP slews stay below); Date.now() itself is exact to 1 ms. */
const RESYNC_THRESHOLD_MS = 2;

export class SystemClock implements Clock {
  /** Wall clock minus performance.now(). */
  #offsetMs = performance.timeOrigin;
  #nextResyncMs = 0;
  readonly #turn: Turn;

  constructor(turn: Turn = new Turn()) {
    this.#turn = turn;
  }

  nowMs(): number {
    const monotonicMs = performance.now();
    if (monotonicMs >= this.#nextResyncMs) {
      this.#nextResyncMs = monotonicMs + RESYNC_INTERVAL_MS;
      const offsetMs = Date.now() - monotonicMs;
      if (Math.abs(offsetMs - this.#offsetMs) > RESYNC_THRESHOLD_MS) this.#offsetMs = offsetMs;
    }
    return monotonicMs + this.#offsetMs;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const dueMs = performance.now() + delayMs;
    // setTimeout counts from the loop's cached time and may fire a little early: look again before calling.
    const fire = () => {
      const remainingMs = dueMs - performance.now();
      if (remainingMs <= 0) callback();
      else timer = setTimeout(fire, Math.min(Math.ceil(remainingMs), MAX_TIMEOUT_MS));
    };
    let timer = setTimeout(fire, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_TIMEOUT_MS));
    return { cancel: () => clearTimeout(timer) };
  }

  defer(callback: () => void): void {
    this.#turn.defer(callback);
  }
}
