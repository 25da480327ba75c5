// What `ostinato schema` does to a store: describe, set up, update. Main thread.

import { invariant } from '../base/invariant.ts';
import type { NeighbourSchema } from './postgres/factory.ts';
import type { SchemaStatus } from './schema-version.ts';
import type { NeighbourFile } from './sqlite/factory.ts';
import type { StoreDescription } from './store-factory.ts';

export interface SchemaAdmin {
  /** One status per schema: per existing file of an embedded store, per component of a shared database. Changes nothing. */
  describe(): Promise<readonly SchemaStatus[]>;
  /** Creates what is missing; throws SchemaVersionError if something is there in another version. */
  setup(): Promise<void>;
  /** Raises everything to the newest version, its data kept. */
  update(): Promise<void>;
}

/** Schemas that live in the same store and belong to other components. */
export interface NeighbourSchemas {
  readonly sqlite: readonly NeighbourFile[];
  readonly postgres: readonly NeighbourSchema[];
}

export async function createSchemaAdmin(
  description: StoreDescription,
  neighbours: NeighbourSchemas,
): Promise<SchemaAdmin> {
  const factory = await openFactory(description, neighbours);
  return {
    describe: async () => factory.describeSchema(),
    setup: async () => factory.prepareSchema({ upgrade: false }),
    update: async () => factory.prepareSchema({ upgrade: true }),
  };
}

async function openFactory(description: StoreDescription, neighbours: NeighbourSchemas) {
  invariant(description.kind !== 'memory', 'the memory store has no schema');
  return description.kind === 'sqlite'
    ? new (await import('./sqlite/factory.ts')).SqliteStoreFactory(description, neighbours.sqlite)
    : new (await import('./postgres/factory.ts')).PostgresStoreFactory(description, neighbours.postgres);
}
