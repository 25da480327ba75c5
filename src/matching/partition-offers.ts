// Which polls of one partition are offered to history threads: parked ones of unversioned workers, while nothing waits before
// the next task and the queue's rate is as good as none. Matching thread.

import { RateLimitSource } from '#proto/temporal/api/enums/v1';
import { MIN_RATE_OF_OFFERED_POLLS } from './limits.ts';
import type { OfferedPolls } from './offered-polls.ts';
import type { Poll, PollQueue } from './poll.ts';
import type { RateLimiter } from './rate-limiter.ts';

export class PartitionOffers {
  readonly #offers: OfferedPolls;
  readonly #key: string;
  readonly #limiter: RateLimiter;
  /** Whether a new task would be the first in line. */
  readonly #isNothingWaiting: () => boolean;

  constructor(offers: OfferedPolls, key: string, limiter: RateLimiter, isNothingWaiting: () => boolean) {
    this.#offers = offers;
    this.#key = key;
    this.#limiter = limiter;
    this.#isNothingWaiting = isNothingWaiting;
  }

  /** The poll waits from now on. */
  parked(poll: Poll): void {
    if (isOfferable(poll) && this.#mayOffer()) this.#offers.offer(this.#key, poll);
  }

  /** Room on the board: the oldest poll that waits and is not there goes there. */
  refill(polls: PollQueue): void {
    if (!this.#mayOffer()) return;
    for (const poll of polls) {
      if (poll.gone || !isOfferable(poll)) continue;
      this.#offers.offer(this.#key, poll);
      return;
    }
  }

  /** The rate was changed: what is offered may be too much. */
  rateChanged(polls: PollQueue): void {
    if (this.#mayOffer()) return;
    for (const poll of polls) this.take(poll);
  }

  take(poll: Poll): boolean {
    return this.#offers.take(poll);
  }

  ended(poll: Poll): void {
    this.#offers.ended(poll);
  }

  #mayOffer(): boolean {
    const { source, effectivePerSecond } = this.#limiter;
    const isUnlimited = source === RateLimitSource.SYSTEM && effectivePerSecond >= MIN_RATE_OF_OFFERED_POLLS;
    return isUnlimited && this.#isNothingWaiting();
  }
}

function isOfferable(poll: Poll): boolean {
  return poll.offered === undefined && poll.workerVersion === '' && poll.forwardedFrom === '';
}
