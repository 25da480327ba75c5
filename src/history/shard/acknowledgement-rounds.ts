// When the shards of a thread acknowledge what is done: all together. What a commit queued for several shards lies side by side in the store, and
// so goes away side by side; shard by shard, each page was written once for each of them, a thousand pages in one commit, for
// which everybody waited (docs/performance.md, "A seventh look"). One for each history thread; runs on it.

import { type DynamicConfig, defineSetting } from '../../config/dynamic-config.ts';
import type { Clock, TimerHandle } from '../../runtime/clock.ts';
import type { QuietMoments } from '../../runtime/quiet-moments.ts';

/**
 * One round serves all queues: the shortest of their intervals counts. Differs: 30 s in Temporal, whose acknowledgement
 * is a write of its own; ours goes along with the next commit.
 */
const INTERVALS = ['transfer', 'visibility', 'timer'].map((queue) =>
  defineSetting<number>({
    key: `history.${queue}ProcessorUpdateAckInterval`,
    type: 'durationMs',
    scope: 'global',
    defaultValue: 2_000,
  }),
);

/** An acknowledgement, and the deletion of tasks with it, had better not be a workflow's step's. */
const PATIENCE_MS = 250;

/**
 * After so many tasks a round comes before its time: deleting them is part of a commit, which is the longer the more there are. Some two hundred
 * short workflows, a few milliseconds.
 */
export const TASKS_PER_ROUND = 2_000;

/** For the same reason; the others' round is the next. */
export const SHARDS_PER_ROUND = 16;

export interface AcknowledgementRoundsDeps {
  readonly clock: Clock;
  readonly moments: QuietMoments;
  readonly config: DynamicConfig;
}

export class AcknowledgementRounds {
  readonly #deps: AcknowledgementRoundsDeps;
  /** Those that wait for a round, the first that came first. */
  readonly #shards = new Set<() => void>();
  #tasks = 0;
  #timer: TimerHandle | undefined;
  #isEarly = false;

  constructor(deps: AcknowledgementRoundsDeps) {
    this.#deps = deps;
  }

  /** Calls once, in a turn of its own, when the shard's round has come; asked again before that, it changes nothing. `tasks`: what has become durable. */
  join(acknowledge: () => void, tasks: number): void {
    this.#shards.add(acknowledge);
    this.#tasks += tasks;
    this.#timer ??= this.#deps.clock.after(this.#intervalMs(), () => this.#await());
    if (this.#tasks < TASKS_PER_ROUND || this.#isEarly) return;
    this.#isEarly = true;
    this.#timer.cancel();
    this.#timer = this.#deps.clock.after(0, () => this.#begin());
  }

  leave(acknowledge: () => void): void {
    this.#shards.delete(acknowledge);
    if (this.#shards.size > 0) return;
    this.#timer?.cancel();
    this.#reset();
  }

  #await(): void {
    this.#timer = this.#deps.moments.next(PATIENCE_MS, () => this.#begin());
  }

  #begin(): void {
    this.#reset();
    const shards = this.#shards.values().take(SHARDS_PER_ROUND).toArray();
    for (const acknowledge of shards) this.#shards.delete(acknowledge);
    if (this.#shards.size > 0) this.#await();
    // They may join anew.
    for (const acknowledge of shards) acknowledge();
  }

  #reset(): void {
    this.#timer = undefined;
    this.#isEarly = false;
    this.#tasks = 0;
  }

  #intervalMs(): number {
    return Math.min(...INTERVALS.map((interval) => this.#deps.config.get(interval)));
  }
}
