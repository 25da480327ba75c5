// Polls that wait on the board of this process (runtime/poll-board.ts): a task takes one without asking matching, is started for
// it here, and goes to matching only as the poll's answer. Where no poll waits, or none can be seen, a task goes to matching as ever.

import { HandOverTaskRequest, type Partition, ReturnPollRequest } from '#proto/ostinato/matching/v1';
import type { Priority } from '#proto/temporal/api/common/v1';
import { type ClaimedPoll, PollBoardReader } from '../../runtime/poll-board.ts';
import type { Router } from '../../runtime/router.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';

/** What matching wants to know of a task that it only passes on. */
export interface HandedTask {
  readonly createdTimeMs: number | undefined;
  readonly priority: Priority | undefined;
}

/** A poll that belongs to whoever claimed it: it is handed a task or given back, once. */
export class ParkedPoll {
  /** The public poll request as it arrived. */
  readonly request: Uint8Array;
  readonly #router: Router;
  readonly #partition: Partition;
  readonly #key: string;
  readonly #claimed: ClaimedPoll;

  constructor(router: Router, partition: Partition, key: string, claimed: ClaimedPoll) {
    this.request = claimed.request;
    this.#router = router;
    this.#partition = partition;
    this.#key = key;
    this.#claimed = claimed;
  }

  /** Answers the poll. False if that was not possible: nobody has the task then. */
  handOver(task: HandedTask, response: Uint8Array): boolean {
    return this.#send(task, response, false);
  }

  /** The same before the task is durable: the worker gets it once `settle` says that it is. */
  handOverSealed(task: HandedTask, response: Uint8Array): boolean {
    return this.#send(task, response, true);
  }

  /** Whether what was handed over under a seal is durable. If not, the poll is answered empty. */
  settle(holds: boolean): void {
    this.#router.settleSeal(this.#claimed.id, holds);
  }

  /** Lets it wait for another task. */
  giveBack(): void {
    const { slot, id: offerId } = this.#claimed;
    const message = ReturnPollRequest.encode({ partition: this.#partition, slot, offerId });
    this.#router.tellMatching(this.#key, 'ReturnPoll', message);
  }

  #send({ createdTimeMs: createdTime, priority }: HandedTask, response: Uint8Array, sealed: boolean): boolean {
    const { slot, id: offerId } = this.#claimed;
    const { sealer } = this.#router;
    const message = { partition: this.#partition, slot, offerId, response, createdTime, priority, sealed, sealer };
    return this.#router.tellMatching(this.#key, 'HandOverTask', HandOverTaskRequest.encode(message));
  }
}

export class ParkedPolls {
  readonly #router: Router;
  readonly #board: PollBoardReader | undefined;

  /** Without a board no poll is ever seen. */
  constructor(router: Router, board: SharedArrayBuffer | undefined) {
    this.#router = router;
    this.#board = board === undefined ? undefined : new PollBoardReader(board);
  }

  claim(partition: Partition): ParkedPoll | undefined {
    if (this.#board === undefined) return undefined;
    const key = partitionKey(partition);
    const claimed = this.#board.claim(key);
    return claimed === undefined ? undefined : new ParkedPoll(this.#router, partition, key, claimed);
  }

  /**
   * Starts a task for a poll that waits. `start` records it and composes the poll's answer. Undefined once the poll has it; else the
   * request id under which the start was tried, '' if no poll was there: with it matching finds a start whose outcome is not known.
   */
  async start(
    partition: Partition,
    task: HandedTask,
    newId: () => string,
    start: (pollRequest: Uint8Array, requestId: string) => Promise<Uint8Array>,
  ): Promise<string | undefined> {
    const poll = this.claim(partition);
    if (poll === undefined) return '';
    const requestId = newId();
    let response: Uint8Array;
    try {
      response = await start(poll.request, requestId);
    } catch {
      // Matching tries it again and knows what to do with each kind of refusal.
      poll.giveBack();
      return requestId;
    }
    return poll.handOver(task, response) ? undefined : requestId;
  }
}
