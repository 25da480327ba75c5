// What the handlers of matching's methods work with.

import type { MatchingEnvironment } from '../environment.ts';
import type { PartitionRegistry } from '../partition-registry.ts';
import type { ShutdownWorkers } from '../shutdown-workers.ts';

/** Of messages that nobody waits for. */
export const NO_ANSWER = new Uint8Array(0);

export interface HandlerContext {
  readonly environment: MatchingEnvironment;
  readonly partitions: PartitionRegistry;
  readonly shutdownWorkers: ShutdownWorkers;
}
