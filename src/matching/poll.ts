// One poll from its arrival to its answer, and the queue in which polls wait, oldest first. Matching thread.

import { type BagItem, NOT_IN_BAG } from '../base/bag.ts';
import type { CallContext } from '../runtime/service.ts';
import type { OfferedPoll } from './offered-polls.ts';
import type { ExpiryMoment } from './poll-expiry.ts';

/** An empty poll response of either kind encodes to nothing. */
export const EMPTY_POLL_RESPONSE = new Uint8Array(0);

/** What a poll brings with it. */
export interface PollOrigin {
  readonly request: Uint8Array;
  readonly identity: string;
  readonly workerInstanceKey: string;
  readonly forwardedFrom: string;
  /** What tells apart workers of different versions; empty for unversioned ones. */
  readonly workerVersion: string;
}

/** What its polls tell a partition. */
export interface PollOwner {
  /** The poll is where it waits, and its time is over. */
  expired(poll: Poll): void;
  /** Once, with the answer on its way. */
  ended(poll: Poll): void;
}

/** Where its answer goes. */
export interface PollEnd {
  resolve(response: Uint8Array): void;
  reject(error: Error): void;
  readonly owner: PollOwner;
}

export class Poll implements BagItem {
  /** The public poll request as it arrived. */
  readonly request: Uint8Array;
  readonly call: CallContext;
  readonly identity: string;
  readonly workerInstanceKey: string;
  readonly forwardedFrom: string;
  readonly workerVersion: string;
  readonly arrivedMs: number;
  readonly expiresAtMs: number;
  /** Links of the queue it waits in. Without a queue, and without an answer, its task is being started. */
  previous: Poll | undefined = undefined;
  next: Poll | undefined = undefined;
  queue: PollQueue | undefined = undefined;
  /** The parent partition had nothing or failed: not again. */
  forwardable = true;
  /** While it is with the parent: calls it back. */
  abort: (() => void) | undefined = undefined;
  /** When it expires, and the links of those that expire with it (poll-expiry.ts). */
  moment: ExpiryMoment | undefined = undefined;
  earlierInMoment: Poll | undefined = undefined;
  laterInMoment: Poll | undefined = undefined;
  bagSlot = NOT_IN_BAG;
  /** While a history thread may take it, or has taken it, by itself. */
  offered: OfferedPoll | undefined = undefined;
  #answered = false;
  readonly #end: PollEnd;

  constructor(origin: PollOrigin, call: CallContext, arrivedMs: number, expiresAtMs: number, end: PollEnd) {
    this.request = origin.request;
    this.call = call;
    this.identity = origin.identity;
    this.workerInstanceKey = origin.workerInstanceKey;
    this.forwardedFrom = origin.forwardedFrom;
    this.workerVersion = origin.workerVersion;
    this.arrivedMs = arrivedMs;
    this.expiresAtMs = expiresAtMs;
    this.#end = end;
  }

  /** Nobody waits for its answer any more. */
  get gone(): boolean {
    return this.#answered || this.call.cancelled;
  }

  answer(response: Uint8Array): void {
    if (this.#finish()) this.#end.resolve(response);
  }

  fail(error: Error): void {
    if (this.#finish()) this.#end.reject(error);
  }

  /** The moment's call. While the poll is elsewhere that means nothing: it may come back before its time is really over. */
  timeOver(): void {
    if (this.queue !== undefined) this.#end.owner.expired(this);
  }

  #finish(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    this.moment?.remove(this);
    this.queue?.remove(this);
    this.#end.owner.ended(this);
    return true;
  }
}

/** A doubly linked list through the polls themselves: taking one out of the middle costs nothing. */
export class PollQueue {
  first: Poll | undefined = undefined;
  #last: Poll | undefined = undefined;
  size = 0;

  push(poll: Poll): void {
    poll.queue = this;
    poll.previous = this.#last;
    poll.next = undefined;
    if (this.#last === undefined) this.first = poll;
    else this.#last.next = poll;
    this.#last = poll;
    this.size++;
  }

  /** For a poll that was taken and did not get its task: it stays the oldest. */
  pushFirst(poll: Poll): void {
    poll.queue = this;
    poll.previous = undefined;
    poll.next = this.first;
    if (this.first === undefined) this.#last = poll;
    else this.first.previous = poll;
    this.first = poll;
    this.size++;
  }

  remove(poll: Poll): void {
    if (poll.queue !== this) return;
    if (poll.previous === undefined) this.first = poll.next;
    else poll.previous.next = poll.next;
    if (poll.next === undefined) this.#last = poll.previous;
    else poll.next.previous = poll.previous;
    poll.previous = undefined;
    poll.next = undefined;
    poll.queue = undefined;
    this.size--;
  }

  *[Symbol.iterator](): Generator<Poll> {
    for (let poll = this.first; poll !== undefined; ) {
      const next: Poll | undefined = poll.next;
      yield poll;
      poll = next;
    }
  }
}
