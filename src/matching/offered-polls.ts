// The polls on the board (runtime/poll-board.ts), which history threads of this process may claim by themselves. What the board
// does not show, this class knows: whose a slot is, and that a poll was claimed and waits for the task. Matching thread.

import type { Clock } from '../runtime/clock.ts';
import { type Offer, PollBoardWriter } from '../runtime/poll-board.ts';
import { CLAIM_MEMORY_MS } from './limits.ts';
import type { Poll } from './poll.ts';

export interface OfferedPoll extends Offer {
  readonly key: string;
  readonly poll: Poll;
  /** When it was answered although somebody had claimed it; undefined before. */
  endedMs: number | undefined;
}

export class OfferedPolls {
  readonly #board: PollBoardWriter;
  readonly #clock: Clock;
  /** By slot: offered, or claimed and not redeemed yet. */
  readonly #bySlot: (OfferedPoll | undefined)[] = [];

  constructor(board: SharedArrayBuffer, clock: Clock) {
    this.#board = new PollBoardWriter(board);
    this.#clock = clock;
  }

  /** Nothing happens if there is no room. */
  offer(key: string, poll: Poll): void {
    const offer = this.#board.offer(key, poll.request, this.#isFree);
    if (offer === undefined) return;
    const offered: OfferedPoll = { slot: offer.slot, id: offer.id, key, poll, endedMs: undefined };
    this.#bySlot[offer.slot] = offered;
    poll.offered = offered;
  }

  /** Before the poll gets anything else. False: a history thread has claimed it, and its task is on the way. */
  take(poll: Poll): boolean {
    const { offered } = poll;
    if (offered === undefined) return true;
    if (!this.#board.withdraw(offered)) return false;
    this.#clear(offered);
    return true;
  }

  /** The poll was answered without a task. */
  ended(poll: Poll): void {
    if (poll.offered !== undefined && !this.take(poll)) poll.offered.endedMs = this.#clock.nowMs();
  }

  /** The claimed poll of this offer, once; undefined for one that nobody has given or that was redeemed before. */
  redeem(key: string, { slot, id }: Offer): Poll | undefined {
    const offered = this.#bySlot[slot];
    if (offered?.id !== id || offered.key !== key) return undefined;
    this.#clear(offered);
    return offered.poll;
  }

  #clear(offered: OfferedPoll): void {
    this.#bySlot[offered.slot] = undefined;
    offered.poll.offered = undefined;
  }

  readonly #isFree = (slot: number): boolean => {
    const offered = this.#bySlot[slot];
    if (offered === undefined) return true;
    if (offered.endedMs === undefined || this.#clock.nowMs() - offered.endedMs < CLAIM_MEMORY_MS) return false;
    this.#clear(offered);
    return true;
  };
}
