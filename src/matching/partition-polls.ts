// The polls of one partition from arrival to answer: parking, time-outs, cancellation, workers that leave, and the record of
// who polled. Matching thread.

import { ResourceExhaustedCause } from '#proto/temporal/api/enums/v1';
import { Bag } from '../base/bag.ts';
import type { MaybePromise } from '../base/maybe-promise.ts';
import { resourceExhausted } from '../proto/service-errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { CallContext } from '../runtime/service.ts';
import { EMPTY_POLL_BUDGET_MS, MAX_PARKED_POLLS } from './limits.ts';
import type { Matcher } from './matcher.ts';
import type { PartitionMetrics } from './metrics.ts';
import type { PartitionOffers } from './partition-offers.ts';
import type { SettingReader } from './partition-settings.ts';
import { EMPTY_POLL_RESPONSE, Poll, type PollOwner } from './poll.ts';
import type { PollExpiry } from './poll-expiry.ts';
import { type PollerDetails, PollerHistory } from './poller-history.ts';
import { LONG_POLL_EXPIRATION_INTERVAL } from './settings.ts';

/** What a poll says about itself, beside its bytes. */
export interface PollArrival {
  /** The public request as it arrived. */
  readonly request: Uint8Array;
  readonly identity: string;
  readonly workerInstanceKey: string;
  /** The partition that forwarded it; empty when it came from a client. */
  readonly forwardedFrom: string;
  /** What tells apart workers of different versions; empty for unversioned ones. */
  readonly workerVersion: string;
  readonly details: PollerDetails;
}

export class PartitionPolls implements PollOwner {
  readonly history = new PollerHistory();
  readonly #clock: Clock;
  readonly #matcher: Matcher;
  readonly #offers: PartitionOffers | undefined;
  readonly #metrics: PartitionMetrics;
  readonly #settings: SettingReader;
  readonly #expiry: PollExpiry;
  /** Polls that wait, are with the parent, or whose task is being started. */
  readonly #open = new Bag<Poll>();
  #lastArrivalMs = 0;
  #closed = false;

  constructor(deps: {
    readonly clock: Clock;
    readonly matcher: Matcher;
    readonly offers: PartitionOffers | undefined;
    readonly metrics: PartitionMetrics;
    readonly settings: SettingReader;
    readonly expiry: PollExpiry;
  }) {
    this.#offers = deps.offers;
    this.#clock = deps.clock;
    this.#matcher = deps.matcher;
    this.#metrics = deps.metrics;
    this.#settings = deps.settings;
    this.#expiry = deps.expiry;
  }

  get current(): number {
    return this.#open.size;
  }

  get lastArrivalMs(): number {
    return this.#lastArrivalMs;
  }

  hasPollerAfter(ms: number): boolean {
    return this.#open.size > 0 || this.history.hasPolledAfter(ms);
  }

  /** Answers with the public poll response, an empty one when the time is over before a task came. */
  arrive(arrival: PollArrival, call: CallContext): MaybePromise<Uint8Array> {
    if (call.cancelled || this.#closed) return EMPTY_POLL_RESPONSE;
    if (this.#open.size >= MAX_PARKED_POLLS) {
      const cause = ResourceExhaustedCause.CONCURRENT_LIMIT;
      throw resourceExhausted('Too many concurrent polls on the task queue', cause);
    }
    const nowMs = this.#clock.nowMs();
    this.#lastArrivalMs = nowMs;
    this.history.record(arrival.identity, arrival.details, nowMs);
    const untilDeadlineMs = call.deadlineMs - nowMs - EMPTY_POLL_BUDGET_MS;
    const waitMs = Math.max(0, Math.min(this.#settings(LONG_POLL_EXPIRATION_INTERVAL), untilDeadlineMs));
    // No closure that is kept sees this method's variables: what it would hold on to, thousands of parked polls hold on to.
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const poll = new Poll(arrival, call, nowMs, nowMs + waitMs, { resolve, reject, owner: this });
    this.#open.add(poll);
    endWhenCancelled(poll);
    this.#matcher.addPoll(poll);
    this.#watch(poll);
    return promise;
  }

  /** The poll did not get the task it was matched with and waits on as the oldest. */
  putBack(poll: Poll): void {
    if (poll.gone || this.#closed) {
      poll.answer(EMPTY_POLL_RESPONSE);
      return;
    }
    if (this.#clock.nowMs() >= poll.expiresAtMs) {
      this.expired(poll);
      return;
    }
    this.#matcher.returnPoll(poll);
    this.#watch(poll);
  }

  /**
   * All polls of the worker are answered empty, also those whose task is being started: an SDK in shutdown does not look at what
   * comes behind (seen with sdk-core of TypeScript 1.24). Such a task goes to another worker. What was answered just before the
   * worker spoke up, this cannot help. Temporal: CancelOutstandingWorkerPolls and removePollerFromHistory, v1.31.
   */
  workerLeft(identity: string, workerInstanceKey: string): void {
    if (workerInstanceKey !== '') {
      for (const poll of this.#open.all()) {
        if (poll.workerInstanceKey !== workerInstanceKey) continue;
        poll.abort?.();
        poll.answer(EMPTY_POLL_RESPONSE);
      }
    }
    this.history.remove(identity);
  }

  close(): void {
    this.#closed = true;
    for (const poll of this.#matcher.polls) poll.answer(EMPTY_POLL_RESPONSE);
  }

  expired(poll: Poll): void {
    this.#metrics.pollTimeouts.add();
    poll.answer(EMPTY_POLL_RESPONSE);
  }

  ended(poll: Poll): void {
    this.#open.delete(poll);
    this.#offers?.ended(poll);
    const nowMs = this.#clock.nowMs();
    this.#metrics.pollLatency.record(nowMs - poll.arrivedMs);
    if (!poll.call.cancelled) this.history.touch(poll.identity, nowMs);
  }

  #watch(poll: Poll): void {
    if (poll.queue !== undefined) this.#expiry.watch(poll);
  }
}

function endWhenCancelled(poll: Poll): void {
  poll.call.onCancel(() => {
    // A poll whose task is being started is found out when the start comes back.
    if (poll.queue !== undefined) poll.answer(EMPTY_POLL_RESPONSE);
    else poll.abort?.();
  });
}
