// Queries that go to a worker by themselves: they wait like tasks, in memory only, and end with the worker's answer or with
// their caller's deadline. Temporal: QueryWorkflow and syncOfferTask, v1.31. Matching thread.

import { ResourceExhaustedCause } from '#proto/temporal/api/enums/v1';
import { canceled, deadlineExceeded, failedPrecondition, resourceExhausted } from '../proto/service-errors.ts';
import type { Clock, TimerHandle } from '../runtime/clock.ts';
import { EMPTY_POLL_BUDGET_MS, MAX_PARKED_QUERIES } from './limits.ts';
import type { Matcher } from './matcher.ts';
import type { PartitionPolls } from './partition-polls.ts';
import type { SettingReader } from './partition-settings.ts';
import type { QueryRegistry } from './query-registry.ts';
import { QUERY_POLLER_UNAVAILABLE_WINDOW } from './settings.ts';
import type { QueryTask } from './task.ts';

export class PartitionQueries {
  readonly #clock: Clock;
  readonly #queries: QueryRegistry;
  readonly #matcher: Matcher;
  readonly #polls: PartitionPolls;
  readonly #settings: SettingReader;

  constructor(clock: Clock, queries: QueryRegistry, matcher: Matcher, polls: PartitionPolls, settings: SettingReader) {
    this.#clock = clock;
    this.#queries = queries;
    this.#matcher = matcher;
    this.#polls = polls;
    this.#settings = settings;
  }

  /** Answers with an encoded ostinato.matching.v1.QueryResponse. */
  ask(query: QueryTask): Promise<Uint8Array> {
    if (this.#matcher.waitingQueries >= MAX_PARKED_QUERIES) {
      const cause = ResourceExhaustedCause.CONCURRENT_LIMIT;
      throw resourceExhausted('Too many queries wait on the task queue', cause);
    }
    return new Promise((resolve, reject) => {
      const timers: TimerHandle[] = [];
      const end = (): void => {
        for (const timer of timers) timer.cancel();
        this.#matcher.removeTasks((task) => task === query);
      };
      this.#queries.add(query.queryId, {
        resolve: (response) => {
          end();
          resolve(response);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      });
      query.call.onCancel(() => this.#queries.fail(query.queryId, canceled('context canceled')));
      this.#watchDeadline(query, timers);
      this.#matcher.addQuery(query);
    });
  }

  /** The deadline's own error says little when no worker runs: shortly before it, a query nobody asked for is told why. */
  #watchDeadline(query: QueryTask, timers: TimerHandle[]): void {
    const deadlineMs = query.call.deadlineMs;
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    const remainingMs = deadlineMs - this.#clock.nowMs();
    const fail = (error: Error): void => this.#queries.fail(query.queryId, error);
    if (!query.forwarded) {
      timers.push(
        this.#clock.after(remainingMs - EMPTY_POLL_BUDGET_MS, () => {
          const sincePollMs = this.#clock.nowMs() - this.#polls.lastArrivalMs;
          if (!this.#matcher.hasQuery(query) || sincePollMs <= this.#settings(QUERY_POLLER_UNAVAILABLE_WINDOW)) return;
          fail(failedPrecondition('no poller seen for task queue recently, worker may be down'));
        }),
      );
    }
    timers.push(this.#clock.after(remainingMs, () => fail(deadlineExceeded('context deadline exceeded'))));
  }
}
