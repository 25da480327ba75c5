// Opens the visibility store that goes with a data store. The backend's module is loaded here, so that a program pays at start
// only for the backend it uses. Worker thread.

import { assertNever } from '../base/invariant.ts';
import type { StoreDescription } from '../persistence/index.ts';
import type { VisibilityStore } from './visibility-store.ts';

/** Its schema is prepared by `prepareSchema`, which the worker service calls when it starts. */
export async function openVisibilityStore(description: StoreDescription): Promise<VisibilityStore> {
  switch (description.kind) {
    case 'memory':
      return new (await import('./memory/memory-visibility-store.ts')).MemoryVisibilityStore();
    case 'sqlite':
      return new (await import('./sqlite/sqlite-visibility-store.ts')).SqliteVisibilityStore(description);
    case 'postgres':
      return new (await import('./postgres/postgres-visibility-store.ts')).PostgresVisibilityStore(description);
    default:
      return assertNever(description, 'store description');
  }
}
