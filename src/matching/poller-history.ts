// Who polled a partition lately: what DescribeTaskQueue shows and what tells whether a sticky queue's worker still lives.
// Temporal: poller_history.go, v1.31. Matching thread.

import type { WorkerVersionCapabilities } from '#proto/temporal/api/common/v1';
import type { WorkerDeploymentOptions } from '#proto/temporal/api/deployment/v1';
import type { PollerInfo } from '#proto/temporal/api/taskqueue/v1';
import { MAX_POLLER_HISTORY } from './limits.ts';

/** Shown for pollers that asked for no limit. Temporal: defaultTaskDispatchRPS. */
const DEFAULT_RATE_PER_SECOND = 100_000;

export interface PollerDetails {
  /** What its polls allow the queue to dispatch; undefined for no limit. */
  readonly ratePerSecond: number | undefined;
  readonly workerVersionCapabilities: WorkerVersionCapabilities | undefined;
  readonly deploymentOptions: WorkerDeploymentOptions | undefined;
}

interface Poller {
  details: PollerDetails;
  lastAccessMs: number;
}

export class PollerHistory {
  readonly #pollers = new Map<string, Poller>();

  record(identity: string, details: PollerDetails, nowMs: number): void {
    if (identity === '') return;
    const known = this.#pollers.get(identity);
    if (known !== undefined) {
      known.details = details;
      known.lastAccessMs = nowMs;
      return;
    }
    if (this.#pollers.size >= MAX_POLLER_HISTORY) this.#forgetLeastRecent();
    this.#pollers.set(identity, { details, lastAccessMs: nowMs });
  }

  /** The poll of a poller that is still known has ended. */
  touch(identity: string, nowMs: number): void {
    const known = this.#pollers.get(identity);
    if (known !== undefined) known.lastAccessMs = nowMs;
  }

  remove(identity: string): void {
    this.#pollers.delete(identity);
  }

  get size(): number {
    return this.#pollers.size;
  }

  hasPolledAfter(ms: number): boolean {
    for (const poller of this.#pollers.values()) if (poller.lastAccessMs > ms) return true;
    return false;
  }

  /** Pollers seen after this time, the most recent first. Older ones are forgotten. */
  list(earliestMs: number): PollerInfo[] {
    const infos: PollerInfo[] = [];
    for (const [identity, poller] of this.#pollers) {
      if (poller.lastAccessMs < earliestMs) {
        this.#pollers.delete(identity);
        continue;
      }
      infos.push({
        identity,
        lastAccessTime: poller.lastAccessMs,
        ratePerSecond: poller.details.ratePerSecond ?? DEFAULT_RATE_PER_SECOND,
        workerVersionCapabilities: poller.details.workerVersionCapabilities,
        deploymentOptions: poller.details.deploymentOptions,
      });
    }
    // Of two seen at the same time the later comer goes first.
    return infos.reverse().sort((a, b) => (b.lastAccessTime ?? 0) - (a.lastAccessTime ?? 0));
  }

  #forgetLeastRecent(): void {
    let leastRecent: string | undefined;
    let leastMs = Number.POSITIVE_INFINITY;
    for (const [identity, { lastAccessMs }] of this.#pollers) {
      if (lastAccessMs >= leastMs) continue;
      leastMs = lastAccessMs;
      leastRecent = identity;
    }
    if (leastRecent !== undefined) this.#pollers.delete(leastRecent);
  }
}
