// What the worker thread's handlers work with, made once by createWorkerService.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ClusterInfo, NamespaceDomain, NamespaceStore, ThreadNamespaceRegistry } from '../namespace/index.ts';
import type { MetadataStore } from '../persistence/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Router } from '../runtime/router.ts';
import type { VisibilityStore } from '../visibility/index.ts';
import type { MeasureVisibility } from './metrics.ts';
import type { NamespaceDeleter } from './namespace-deleter.ts';
import type { VisibilityWriter } from './visibility-writer.ts';

export interface WorkerServiceDependencies {
  readonly metadataStore: MetadataStore;
  readonly visibilityStore: VisibilityStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly dynamicConfig: DynamicConfig;
  readonly router: Router;
  /** Tells all threads; called after each write of a namespace. */
  readonly onNamespacesChanged: (version: number) => void;
  readonly cluster: ClusterInfo;
  readonly historyShardCount: number;
  /** As GetClusterInfo names it: sqlite, postgres12, memory. */
  readonly persistenceStoreName: string;
  /** Whether an outdated visibility schema is brought up to date. Default true. */
  readonly upgradeSchema?: boolean;
}

export interface WorkerContext extends WorkerServiceDependencies {
  readonly namespaceStore: NamespaceStore;
  readonly domain: NamespaceDomain;
  /** This thread's own registry, fresh whenever a handler of this thread wrote. */
  readonly registry: ThreadNamespaceRegistry;
  readonly writer: VisibilityWriter;
  readonly deleter: NamespaceDeleter;
  readonly measure: MeasureVisibility;
}

/** The namespace of a public request: by the id that the frontend resolved, else by name. */
export async function namespaceOf(context: WorkerContext, namespaceId: string, name: string): Promise<NamespaceRecord> {
  return namespaceId === '' ? context.registry.resolveName(name) : context.registry.resolveId(namespaceId);
}
