// Opens memory stores over shared tables. A test crashes them together and opens the same tables again, as a restart would.

import type { MetadataStore } from '../metadata-store.ts';
import type { StoreFactory } from '../store-factory.ts';
import type { TaskQueueStore } from '../task-queue-store.ts';
import { MemoryExecutionStore } from './execution-store.ts';
import { FaultGate, type MemoryStoreOptions } from './fault-gate.ts';
import { MemoryMetadataStore } from './metadata-store.ts';
import { createMemoryTables, type MemoryTables } from './schema.ts';
import { MemoryTaskQueueStore } from './task-queue-store.ts';

export class MemoryStoreFactory implements StoreFactory {
  private readonly tables: MemoryTables;
  private readonly gate: FaultGate;

  constructor(options: MemoryStoreOptions = {}, tables: MemoryTables = createMemoryTables()) {
    this.tables = tables;
    this.gate = new FaultGate(options);
  }

  prepareSchema(): void {}

  /** All partitions share the tables, as they would a shared database: a shard may move between threads and hosts. */
  openExecutionStore(_partition: number): MemoryExecutionStore {
    return new MemoryExecutionStore(this.tables, this.gate);
  }

  openTaskQueueStore(): TaskQueueStore {
    return new MemoryTaskQueueStore(this.tables, this.gate);
  }

  openMetadataStore(): MetadataStore {
    return new MemoryMetadataStore(this.tables, this.gate);
  }

  /** The process dies: operations that have not taken effect are lost, every later one is refused. */
  crash(): void {
    this.gate.crash();
  }

  get isCrashed(): boolean {
    return this.gate.isCrashed;
  }

  /** Another process over the same data; also a second host beside the first. */
  reopen(options: MemoryStoreOptions = {}): MemoryStoreFactory {
    return new MemoryStoreFactory(options, this.tables);
  }
}
