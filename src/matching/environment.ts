// What every part of one matching service shares. Made by createMatchingService. Matching thread.

import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { NamespaceRegistry } from '../namespace/namespace-registry.ts';
import type { TaskQueueStore } from '../persistence/task-queue-store.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Router } from '../runtime/router.ts';
import type { BacklogWriter } from './backlog-writer.ts';
import type { OfferedPolls } from './offered-polls.ts';
import type { PollExpiry } from './poll-expiry.ts';
import type { QueryRegistry } from './query-registry.ts';

export interface MatchingEnvironment {
  readonly router: Router;
  readonly store: TaskQueueStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly dynamicConfig: DynamicConfig;
  readonly namespaces: NamespaceRegistry;
  readonly hostName: string;
  /** A fresh unique id: UUIDs, or whatever a simulation replays. */
  readonly newId: () => string;
  readonly writer: BacklogWriter;
  readonly queries: QueryRegistry;
  readonly expiry: PollExpiry;
  /** Undefined where no history thread shares this process's memory. */
  readonly offers: OfferedPolls | undefined;
}
