// Names of stores as GetClusterInfo tells them, which are those of Temporal's plugins.

import type { StoreDescription } from '../../persistence/index.ts';

export function storeName(store: StoreDescription): string {
  return store.kind === 'postgres' ? 'postgres12' : store.kind;
}
