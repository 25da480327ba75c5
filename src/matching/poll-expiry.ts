// When the time of parked polls is over: one timer for all that are due at the same moment. A timer for each poll, with its closures and
// their contexts, was a quarter of what a parked poll takes. One per matching service. Matching thread.
//
//   due time in ms ──▶ moment: a timer, and a list through the polls' `laterInMoment` and `earlierInMoment`

import type { Clock, TimerHandle } from '../runtime/clock.ts';
import { POLL_EXPIRY_GRAIN_MS, POLL_EXPIRY_MIN_WAIT_MS } from './limits.ts';
import type { Poll } from './poll.ts';

export class PollExpiry {
  readonly #clock: Clock;
  readonly #moments = new Map<number, ExpiryMoment>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The poll hears of it when its time is over, unless it is answered before. One that is watched already stays so. */
  watch(poll: Poll): void {
    if (poll.moment !== undefined) return;
    const dueMs = dueMsOf(poll, this.#clock.nowMs());
    let moment = this.#moments.get(dueMs);
    if (moment === undefined) {
      moment = new ExpiryMoment(this.#clock, dueMs, () => this.#moments.delete(dueMs));
      this.#moments.set(dueMs, moment);
    }
    moment.add(poll);
  }
}

export class ExpiryMoment {
  #first: Poll | undefined = undefined;
  readonly #timer: TimerHandle;
  readonly #over: () => void;

  /** `over` is called once, when no poll waits for this moment any more. */
  constructor(clock: Clock, dueMs: number, over: () => void) {
    this.#over = over;
    this.#timer = clock.after(Math.max(0, dueMs - clock.nowMs()), () => this.#expire());
  }

  add(poll: Poll): void {
    poll.moment = this;
    poll.laterInMoment = this.#first;
    if (this.#first !== undefined) this.#first.earlierInMoment = poll;
    this.#first = poll;
  }

  remove(poll: Poll): void {
    const { earlierInMoment: earlier, laterInMoment: later } = poll;
    if (earlier === undefined) this.#first = later;
    else earlier.laterInMoment = later;
    if (later !== undefined) later.earlierInMoment = earlier;
    poll.moment = undefined;
    poll.earlierInMoment = undefined;
    poll.laterInMoment = undefined;
    if (this.#first !== undefined) return;
    this.#timer.cancel();
    this.#over();
  }

  /** Polls may go, and come back to another moment, while others hear of it. */
  #expire(): void {
    for (let poll = this.#first; poll !== undefined; poll = this.#first) {
      this.remove(poll);
      poll.timeOver();
    }
  }
}

/** Polls that wait long are due together, a little early; the others have all of their time. */
function dueMsOf({ expiresAtMs }: Poll, nowMs: number): number {
  return expiresAtMs - nowMs < POLL_EXPIRY_MIN_WAIT_MS
    ? expiresAtMs
    : expiresAtMs - (expiresAtMs % POLL_EXPIRY_GRAIN_MS);
}
