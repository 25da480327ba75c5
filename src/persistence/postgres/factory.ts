// Opens the PostgreSQL stores. Each has a connection pool of its own, on the thread that opened it.

import type { SchemaStatus } from '../schema-version.ts';
import type { StoreDescription, StoreFactory } from '../store-factory.ts';
import { PostgresClient } from './client.ts';
import { PostgresExecutionStore } from './execution-store.ts';
import { PostgresMetadataStore } from './metadata-store.ts';
import { CORE_SCHEMA_NAME, describeDatabaseSchema, postgresSchema, prepareDatabaseSchema } from './schema.ts';
import { PostgresTaskQueueStore } from './task-queue-store.ts';

type PostgresDescription = Extract<StoreDescription, { kind: 'postgres' }>;

export class PostgresStoreFactory implements StoreFactory {
  private readonly description: PostgresDescription;

  constructor(description: PostgresDescription) {
    this.description = description;
  }

  prepareSchema(options: { readonly upgrade: boolean }): Promise<void> {
    return prepareDatabaseSchema(this.schemaTarget(), options);
  }

  async describeSchema(): Promise<SchemaStatus[]> {
    return [await describeDatabaseSchema(this.schemaTarget())];
  }

  openExecutionStore(_partition: number): PostgresExecutionStore {
    return new PostgresExecutionStore(this.openClient());
  }

  openTaskQueueStore(): PostgresTaskQueueStore {
    return new PostgresTaskQueueStore(this.openClient());
  }

  openMetadataStore(): PostgresMetadataStore {
    return new PostgresMetadataStore(this.openClient());
  }

  private openClient(): PostgresClient {
    return new PostgresClient({ url: this.description.url, maxConnections: this.description.maxConnections });
  }

  private schemaTarget() {
    return { url: this.description.url, name: CORE_SCHEMA_NAME, steps: postgresSchema };
  }
}
