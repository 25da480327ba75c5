// How many tasks a partition was given and gave out lately, by priority level. Matching thread.

import { RateTracker } from './rate-tracker.ts';

interface LevelRates {
  readonly added: RateTracker;
  readonly dispatched: RateTracker;
}

export class TaskRates {
  readonly #byLevel = new Map<number, LevelRates>();

  added(level: number, nowMs: number): void {
    this.#of(level, nowMs).added.add(nowMs);
  }

  dispatched(level: number, nowMs: number): void {
    this.#of(level, nowMs).dispatched.add(nowMs);
  }

  levels(): IterableIterator<number> {
    return this.#byLevel.keys();
  }

  addedPerSecond(level: number, nowMs: number): number {
    return this.#byLevel.get(level)?.added.perSecond(nowMs) ?? 0;
  }

  dispatchedPerSecond(level: number, nowMs: number): number {
    return this.#byLevel.get(level)?.dispatched.perSecond(nowMs) ?? 0;
  }

  total(nowMs: number): { readonly added: number; readonly dispatched: number } {
    let added = 0;
    let dispatched = 0;
    for (const rates of this.#byLevel.values()) {
      added += rates.added.perSecond(nowMs);
      dispatched += rates.dispatched.perSecond(nowMs);
    }
    return { added, dispatched };
  }

  /** Both begin together, so that their windows are the same. */
  #of(level: number, nowMs: number): LevelRates {
    let rates = this.#byLevel.get(level);
    if (rates === undefined) {
      rates = { added: new RateTracker(nowMs), dispatched: new RateTracker(nowMs) };
      this.#byLevel.set(level, rates);
    }
    return rates;
  }
}
