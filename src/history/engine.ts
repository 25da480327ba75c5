// What API handlers and queue executors work with besides the shard. One per history thread.

import type { ApiRequest } from '#proto/ostinato/history/v1';
import type { MaybePromise } from '../base/maybe-promise.ts';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { NamespaceRegistry } from '../namespace/namespace-registry.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Router } from '../runtime/router.ts';
import type { CallContext } from '../runtime/service.ts';
import type { HistoryMetrics } from './metrics.ts';
import type { ParkedPolls } from './queues/parked-polls.ts';
import type { VisibilitySender } from './queues/visibility-sender.ts';
import type { Shard } from './shard/shard.ts';
import type { ShardHost } from './shard/shard-host.ts';

export interface HistoryEngine {
  readonly host: ShardHost;
  readonly router: Router;
  readonly clock: Clock;
  readonly config: DynamicConfig;
  readonly logger: Logger;
  readonly metrics: HistoryMetrics;
  readonly namespaces: NamespaceRegistry;
  readonly parkedPolls: ParkedPolls;
  readonly visibility: VisibilitySender;
  readonly shardCount: number;
  readonly hostName: string;
}

/** A call of a shard. Public requests come in an ApiRequest; see ApiHandler. */
export type ShardHandler = (
  engine: HistoryEngine,
  shard: Shard,
  request: Uint8Array,
  call: CallContext,
) => MaybePromise<Uint8Array>;

/** A public request to a shard: `request.request` is the WorkflowService message, the answer its response, encoded. */
export type ApiHandler = (
  engine: HistoryEngine,
  shard: Shard,
  request: ApiRequest,
  call: CallContext,
) => MaybePromise<Uint8Array>;
