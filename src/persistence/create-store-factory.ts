// Turns a store description into stores. The backend's module is loaded when the first store is opened, so that a program
// pays at start only for the backend it uses.

import { assertNever } from '../base/invariant.ts';
import type { StoreDescription, StoreFactory } from './store-factory.ts';

export function createStoreFactory(description: StoreDescription): StoreFactory {
  let loaded: Promise<StoreFactory> | undefined;
  const backend = (): Promise<StoreFactory> => {
    loaded ??= loadBackend(description);
    return loaded;
  };
  return {
    prepareSchema: async (options) => (await backend()).prepareSchema(options),
    openExecutionStore: async (partition) => (await backend()).openExecutionStore(partition),
    openTaskQueueStore: async () => (await backend()).openTaskQueueStore(),
    openMetadataStore: async () => (await backend()).openMetadataStore(),
  };
}

async function loadBackend(description: StoreDescription): Promise<StoreFactory> {
  switch (description.kind) {
    case 'memory':
      return new (await import('./memory/factory.ts')).MemoryStoreFactory();
    case 'sqlite':
      return new (await import('./sqlite/factory.ts')).SqliteStoreFactory(description);
    case 'postgres':
      return new (await import('./postgres/factory.ts')).PostgresStoreFactory(description);
    default:
      return assertNever(description, 'store description');
  }
}
