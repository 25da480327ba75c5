// Which workflow ids of a shard may have a current-run row, for stores where asking is a round trip: a start of a new id, which most are,
// then asks nothing. Nobody else writes these rows while the shard is owned (I1), so after one reading of their ids memory knows them all,
// as 32 bits each. Two ids of the same bits only cost the question. History thread.

import { Buffer } from 'node:buffer';
import { farmFingerprint32 } from '../../base/farm-fingerprint32.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { ExecutionStore, WorkflowKey } from '../../persistence/index.ts';
import type { Clock, TimerHandle } from '../../runtime/clock.ts';

/** Ids in memory, 512 KiB a shard. A shard that has more asks each time; ids of deleted workflows count until the next reading. */
const MAX_IDS = 98_304;
/** Workflows that a shard may have after a reading: with more, the next one would be due too soon. */
const MAX_READ_IDS = MAX_IDS / 2;
/** Read at once, and the rest in between: a shard with the most takes three seconds, a tenth of them busy. */
const PAGE_IDS = 1_000;
const PAGE_PAUSE_MS = 50;
const RETRY_PAUSE_MS = 5_000;

const FIRST_SLOTS = 1_024;
/** How full the table may be. */
const LOAD = 0.75;

export interface KnownWorkflowsDeps {
  readonly store: ExecutionStore;
  readonly shardId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when all that was decided so far is in the store. */
  readonly settled: () => Promise<void>;
}

export class KnownWorkflows {
  readonly #deps: KnownWorkflowsDeps;
  /** 'no': the store answers at once, there are too many, or the shard is gone. */
  #reading: 'not yet' | 'under way' | 'done' | 'no';
  #timer: TimerHandle | undefined;
  /** Open addressing with linear probing; 0 is a free slot. */
  #slots = new Uint32Array(0);
  #size = 0;

  constructor(deps: KnownWorkflowsDeps) {
    this.#deps = deps;
    this.#reading = deps.store.listCurrentKeys === undefined ? 'no' : 'not yet';
  }

  /** Call once the shard is owned. */
  start(): void {
    if (this.#reading !== 'not yet') return;
    this.#reading = 'under way';
    this.#forget();
    void this.#readFrom(undefined);
  }

  stop(): void {
    this.#giveUp();
  }

  /** False only if there is no row, neither in the store nor on its way there. */
  mayHave(namespaceId: string, workflowId: string): boolean {
    return this.#reading !== 'done' || this.#slots[this.#find(bitsOf(namespaceId, workflowId))] !== 0;
  }

  /** From when a decision has set the row: it is in the store no earlier. */
  add(namespaceId: string, workflowId: string): void {
    if (this.#reading === 'no' || this.#reading === 'not yet') return;
    const bits = bitsOf(namespaceId, workflowId);
    const at = this.#find(bits);
    if (this.#slots[at] !== 0) return;
    this.#slots[at] = bits;
    if (++this.#size > MAX_IDS) {
      this.#readAgain();
      this.add(namespaceId, workflowId);
    } else if (this.#size > this.#slots.length * LOAD) {
      this.#grow();
    }
  }

  /** There are too many, unless most of them are deleted by now. */
  #readAgain(): void {
    if (this.#reading !== 'done') {
      this.#giveUp();
      return;
    }
    this.#forget();
    this.#reading = 'under way';
    // What is on its way to the store and forgotten here must have arrived before its place is read.
    this.#deps.settled().then(
      () => this.#readFrom(undefined),
      () => this.#giveUp(), // the shard is lost
    );
  }

  async #readFrom(after: WorkflowKey | undefined): Promise<void> {
    if (this.#reading !== 'under way') return;
    const { store, shardId, clock, logger } = this.#deps;
    let next = after;
    let pauseMs = PAGE_PAUSE_MS;
    try {
      const keys = await store.listCurrentKeys!(shardId, after, PAGE_IDS);
      if (this.#reading !== 'under way') return;
      for (const { namespaceId, workflowId } of keys) this.add(namespaceId, workflowId);
      if (this.#size > MAX_READ_IDS) this.#giveUp();
      else if (keys.length < PAGE_IDS) this.#reading = 'done';
      next = keys.at(-1) ?? after;
    } catch (error) {
      logger.debug({ err: error, shardId }, 'could not read the ids of the workflows');
      pauseMs = RETRY_PAUSE_MS;
    }
    if (this.#reading !== 'under way') return;
    this.#timer = clock.after(pauseMs, () => void this.#readFrom(next));
  }

  #giveUp(): void {
    this.#timer?.cancel();
    this.#reading = 'no';
    this.#slots = new Uint32Array(0);
  }

  #forget(): void {
    this.#slots = new Uint32Array(FIRST_SLOTS);
    this.#size = 0;
  }

  /** Where the bits are, or would be. */
  #find(bits: number): number {
    const last = this.#slots.length - 1;
    let at = bits & last;
    while (this.#slots[at] !== 0 && this.#slots[at] !== bits) at = (at + 1) & last;
    return at;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (const bits of before) if (bits !== 0) this.#slots[this.#find(bits)] = bits;
  }
}

/** Never 0. */
function bitsOf(namespaceId: string, workflowId: string): number {
  return farmFingerprint32(Buffer.from(namespaceId + workflowId)) || 1;
}
