// What a workflow's decisions may ask of the shard they run on: time, ids, settings, other namespaces. No I/O (style rule 11).

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { NamespaceRegistry } from '../../namespace/namespace-registry.ts';
import type { HistoryMetrics } from '../metrics.ts';

export interface WorkflowEnvironment {
  readonly shardId: number;
  readonly shardCount: number;
  readonly config: DynamicConfig;
  readonly logger: Logger;
  readonly metrics: HistoryMetrics;
  readonly namespaces: NamespaceRegistry;
  nowMs(): number;
  /** Unique and increasing within the shard. */
  nextTaskId(): number;
  /** A fresh uuid. */
  newId(): string;
  /** The version that new events of the namespace carry. */
  failoverVersion(namespace: NamespaceRecord): number;
}
