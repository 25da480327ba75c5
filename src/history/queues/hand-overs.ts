// Tasks that one decision started for parked polls, on their way to these. They leave while the decision is being written, under a
// seal that its outcome opens or breaks (docs/decisions/0017), or else once it is durable. History thread.

import type { HistoryEngine } from '../engine.ts';
import type { Publication } from '../shard/publication.ts';
import type { Shard } from '../shard/shard.ts';
import { addToMatching, type WorkerTask } from './hand-to-worker.ts';
import type { ParkedPoll } from './parked-polls.ts';

export interface StartedForPoll {
  readonly poll: ParkedPoll;
  readonly task: WorkerTask;
  /** Under which the start is recorded. */
  readonly requestId: string;
  /** The poll's answer. */
  readonly response: Uint8Array;
}

export class HandOvers implements Publication {
  readonly #engine: HistoryEngine;
  readonly #shard: Shard;
  #waiting: StartedForPoll[] = [];
  #sealed: ParkedPoll[] = [];

  constructor(engine: HistoryEngine, shard: Shard) {
    this.#engine = engine;
    this.#shard = shard;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(started: StartedForPoll): void {
    this.#waiting.push(started);
  }

  sendAhead(): void {
    this.#waiting = this.#waiting.filter(({ poll, task, response }) => {
      const isSent = poll.handOverSealed(task, response);
      if (isSent) this.#sealed.push(poll);
      return !isSent;
    });
  }

  committed(): void {
    this.#settle(true);
    for (const started of this.#take()) this.#handOver(started);
  }

  failed(): void {
    this.#settle(false);
    this.giveBack();
  }

  /** The decision does not stand, and nothing was sent ahead of it. */
  giveBack(): void {
    for (const { poll } of this.#take()) poll.giveBack();
  }

  #handOver({ poll, task, requestId, response }: StartedForPoll): void {
    if (poll.handOver(task, response)) return;
    addToMatching(this.#engine, this.#shard, task, requestId).catch((error: unknown) => {
      const { workflowId, runId, scheduledEventId } = task;
      const fields = { err: error, workflowId, runId, scheduledEventId };
      this.#engine.logger.warn(fields, 'a started task could not be handed to a worker and will time out');
    });
  }

  #settle(holds: boolean): void {
    for (const poll of this.#sealed) poll.settle(holds);
    this.#sealed = [];
  }

  #take(): readonly StartedForPoll[] {
    const started = this.#waiting;
    this.#waiting = [];
    return started;
  }
}
