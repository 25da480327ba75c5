// Opens stores. Each thread opens its own from the same description, so the description must survive structured clone.

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { TaskQueueStore } from './task-queue-store.ts';

/** Which backend, and where. */
export type StoreDescription =
  | { readonly kind: 'memory' }
  | {
      readonly kind: 'sqlite';
      /** Path of the main file; partitions and services have files beside it. ':memory:' keeps everything in memory, lost at exit. */
      readonly path: string;
      /** Extra pragmas, name to value. */
      readonly pragmas: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'postgres'; readonly url: string; readonly maxConnections: number };

export interface StoreFactory {
  /** Creates or checks the schema: throws when it is newer than this program, upgrades when `upgrade` is set. */
  prepareSchema(options: { readonly upgrade: boolean }): MaybePromise<void>;
  /** `partition` 0..partitions-1: the history thread's own part of an embedded store; ignored by shared databases. */
  openExecutionStore(partition: number): MaybePromise<ExecutionStore>;
  openTaskQueueStore(): MaybePromise<TaskQueueStore>;
  openMetadataStore(): MaybePromise<MetadataStore>;
}
