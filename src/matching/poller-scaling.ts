// Advice to workers that scale their polls: one more, one fewer, or nothing. Temporal: MakePollerScalingDecision in
// physical_task_queue_manager.go, v1.31. Matching thread.

import type { SettingReader } from './partition-settings.ts';
import {
  POLLER_SCALING_BACKLOG_AGE,
  POLLER_SCALING_DECISIONS_PER_SECOND,
  POLLER_SCALING_WAIT_TIME,
} from './settings.ts';

/** More polls are advised when tasks come this much faster than they go. */
const ADD_TO_DISPATCH_RATIO = 1.2;

/** What the advice depends on, asked only when it is needed. */
export interface ScalingFacts {
  readonly isRoot: boolean;
  readonly pollers: number;
  backlog(): { readonly count: number; readonly ageMs: number };
  rates(): { readonly added: number; readonly dispatched: number };
}

export class PollerScaling {
  readonly #settings: SettingReader;
  /** Advice that may be given at once, in shares of one poller; refilled over a second. */
  #tokens = 0;
  #refilledMs = 0;

  constructor(settings: SettingReader) {
    this.#settings = settings;
  }

  /** -1, 0 or 1 polls, for a poll that waited from `arrivedMs` until its task came. */
  decide(arrivedMs: number, nowMs: number, facts: ScalingFacts): number {
    if (nowMs - arrivedMs >= this.#settings(POLLER_SCALING_WAIT_TIME)) return -1;
    if (!this.#allow(1 / Math.max(1, facts.pollers), nowMs)) return 0;
    const { count, ageMs } = facts.backlog();
    if (count > 0 && ageMs > this.#settings(POLLER_SCALING_BACKLOG_AGE)) return 1;
    // Only the root sees enough of the queue to judge by rates.
    if (!facts.isRoot) return 0;
    const { added, dispatched } = facts.rates();
    return added > 0 && added / dispatched > ADD_TO_DISPATCH_RATIO ? 1 : 0;
  }

  #allow(cost: number, nowMs: number): boolean {
    const perSecond = this.#settings(POLLER_SCALING_DECISIONS_PER_SECOND);
    this.#tokens = Math.min(perSecond, this.#tokens + ((nowMs - this.#refilledMs) * perSecond) / 1_000);
    this.#refilledMs = nowMs;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
