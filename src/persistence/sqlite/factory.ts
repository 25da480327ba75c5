// Opens the SQLite stores of a data path: <path> (metadata), <path>-history-<n> (one per history thread), <path>-matching.
// Each file is owned by one thread; with ':memory:' every open is a database of its own.

import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { SchemaStatus, SchemaStep } from '../schema-version.ts';
import type { StoreDescription, StoreFactory } from '../store-factory.ts';
import { SqliteExecutionStore } from './execution-store.ts';
import { SqliteMetadataStore } from './metadata-store.ts';
import { IN_MEMORY_PATH, openDatabase } from './open-database.ts';
import {
  describeDatabaseSchema,
  historySchema,
  matchingSchema,
  metadataSchema,
  prepareDatabaseSchema,
} from './schema.ts';
import { SqliteTaskQueueStore } from './task-queue-store.ts';

type SqliteDescription = Extract<StoreDescription, { kind: 'sqlite' }>;
type Locking = 'exclusive' | 'shared';

interface StoreFile {
  readonly path: string;
  readonly steps: readonly SchemaStep[];
  readonly locking: Locking;
}

/** A file of another component beside ours, so that schemas are described and upgraded together. */
export interface NeighbourFile {
  /** What follows the main file's path. */
  readonly suffix: string;
  readonly steps: readonly SchemaStep[];
}

export class SqliteStoreFactory implements StoreFactory {
  private readonly description: SqliteDescription;
  private readonly neighbours: readonly NeighbourFile[];

  constructor(description: SqliteDescription, neighbours: readonly NeighbourFile[] = []) {
    this.description = description;
    this.neighbours = neighbours;
  }

  /** Also tells whether another process runs on this data: StoreInUseError. Call it before any thread opens its store. */
  prepareSchema(options: { readonly upgrade: boolean }): void {
    if (this.description.path === IN_MEMORY_PATH) return;
    for (const file of this.files()) this.open(file, options).close();
  }

  openExecutionStore(partition: number): SqliteExecutionStore {
    return new SqliteExecutionStore(this.open(this.historyFile(partition), { upgrade: false }));
  }

  openTaskQueueStore(): SqliteTaskQueueStore {
    return new SqliteTaskQueueStore(this.open(this.matchingFile(), { upgrade: false }));
  }

  openMetadataStore(): SqliteMetadataStore {
    return new SqliteMetadataStore(this.open(this.metadataFile(), { upgrade: false }));
  }

  /** One status per existing file, for `ostinato schema describe`. */
  describeSchema(): SchemaStatus[] {
    return this.files()
      .filter((file) => existsSync(file.path))
      .map((file) => {
        const database = this.connect(file);
        try {
          return describeDatabaseSchema(database, file.path, file.steps);
        } finally {
          database.close();
        }
      });
  }

  private open(file: StoreFile, options: { readonly upgrade: boolean }): DatabaseSync {
    const database = this.connect(file);
    try {
      prepareDatabaseSchema(database, file.path, file.steps, options);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private connect({ path, locking }: StoreFile): DatabaseSync {
    return openDatabase({ path, locking, pragmas: this.description.pragmas });
  }

  /** The partition's number is not known here: history files are those that exist. A new one gets its schema when it is opened. */
  private files(): StoreFile[] {
    const { path } = this.description;
    const prefix = `${basename(path)}-history-`;
    const directory = dirname(path);
    const partitions = (existsSync(directory) ? readdirSync(directory) : [])
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((a, b) => a - b);
    return [
      this.matchingFile(),
      ...partitions.map((partition) => this.historyFile(partition)),
      this.metadataFile(),
      ...this.neighbours.map(({ suffix, steps }) => ({ path: path + suffix, steps, locking: 'exclusive' as const })),
    ];
  }

  private metadataFile(): StoreFile {
    return { path: this.description.path, steps: metadataSchema, locking: 'shared' };
  }

  private matchingFile(): StoreFile {
    return { path: this.beside('matching'), steps: matchingSchema, locking: 'exclusive' };
  }

  private historyFile(partition: number): StoreFile {
    return { path: this.beside(`history-${partition}`), steps: historySchema, locking: 'exclusive' };
  }

  private beside(suffix: string): string {
    const { path } = this.description;
    return path === IN_MEMORY_PATH ? path : join(dirname(path), `${basename(path)}-${suffix}`);
  }
}
