// Opens the PostgreSQL stores. Each has a connection pool of its own, on the thread that opened it.

import { JournaledExecutionStore } from '../journal/journaled-store.ts';
import type { SchemaStatus, SchemaStep } from '../schema-version.ts';
import type { StoreDescription, StoreFactory } from '../store-factory.ts';
import { PostgresClient } from './client.ts';
import { PostgresExecutionStore } from './execution-store.ts';
import { PostgresMetadataStore } from './metadata-store.ts';
import {
  CORE_SCHEMA_NAME,
  describeDatabaseSchema,
  postgresSchema,
  prepareDatabaseSchema,
  type SchemaTarget,
} from './schema.ts';
import { PostgresTaskQueueStore } from './task-queue-store.ts';

/** A schema of another component in the same database, so that schemas are described and upgraded together. */
export interface NeighbourSchema {
  readonly name: string;
  readonly steps: readonly SchemaStep[];
}

/** Entries in the journal, should the tables not catch up: what a restart has to read. */
const MAX_BACKLOG = 2048;

type PostgresDescription = Extract<StoreDescription, { kind: 'postgres' }>;

export class PostgresStoreFactory implements StoreFactory {
  private readonly description: PostgresDescription;
  private readonly neighbours: readonly NeighbourSchema[];

  constructor(description: PostgresDescription, neighbours: readonly NeighbourSchema[] = []) {
    this.description = description;
    this.neighbours = neighbours;
  }

  async prepareSchema(options: { readonly upgrade: boolean }): Promise<void> {
    for (const target of this.schemaTargets()) await prepareDatabaseSchema(target, options);
  }

  async describeSchema(): Promise<SchemaStatus[]> {
    const statuses: SchemaStatus[] = [];
    for (const target of this.schemaTargets()) statuses.push(await describeDatabaseSchema(target));
    return statuses;
  }

  openExecutionStore(_partition: number): JournaledExecutionStore {
    const { maxConnections } = this.description;
    const commits = this.openClient(1);
    const catchUps = maxConnections < 2 ? commits : this.openClient(1);
    const reads = maxConnections < 3 ? catchUps : this.openClient(maxConnections - 2);
    const tables = new PostgresExecutionStore({ commits, catchUps, reads });
    return new JournaledExecutionStore(tables, { maxBacklog: MAX_BACKLOG });
  }

  openTaskQueueStore(): PostgresTaskQueueStore {
    return new PostgresTaskQueueStore(this.openClient());
  }

  openMetadataStore(): PostgresMetadataStore {
    return new PostgresMetadataStore(this.openClient());
  }

  private openClient(maxConnections = this.description.maxConnections): PostgresClient {
    return new PostgresClient({ url: this.description.url, maxConnections });
  }

  private schemaTargets(): SchemaTarget[] {
    const schemas = [{ name: CORE_SCHEMA_NAME, steps: postgresSchema }, ...this.neighbours];
    return schemas.map((schema) => ({ url: this.description.url, ...schema }));
  }
}
