// What the namespace operations work with. The worker thread makes one.

import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ClusterInfo } from './cluster-info.ts';
import type { NamespaceStore } from './namespace-store.ts';

export interface NamespaceDomain {
  readonly store: NamespaceStore;
  readonly cluster: ClusterInfo;
  readonly config: DynamicConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}
