// Opens the visibility store that goes with a data store. Worker thread.

import { assertNever } from '../base/invariant.ts';
import type { StoreDescription } from '../persistence/index.ts';
import { MemoryVisibilityStore } from './memory/memory-visibility-store.ts';
import { PostgresVisibilityStore } from './postgres/postgres-visibility-store.ts';
import { SqliteVisibilityStore } from './sqlite/sqlite-visibility-store.ts';
import type { VisibilityStore } from './visibility-store.ts';

/** Its schema is prepared by `prepareSchema`, which the worker service calls when it starts. */
export function openVisibilityStore(description: StoreDescription): VisibilityStore {
  switch (description.kind) {
    case 'memory':
      return new MemoryVisibilityStore();
    case 'sqlite':
      return new SqliteVisibilityStore(description);
    case 'postgres':
      return new PostgresVisibilityStore(description);
    default:
      return assertNever(description, 'store description');
  }
}
