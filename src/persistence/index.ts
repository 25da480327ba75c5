export { createStoreFactory } from './create-store-factory.ts';
export * from './execution-store.ts';
export { MemoryStoreFactory } from './memory/factory.ts';
export type { MemoryStoreOptions, StoreFault } from './memory/fault-gate.ts';
export * from './metadata-store.ts';
export * from './schema-version.ts';
export * from './store-errors.ts';
export * from './store-factory.ts';
export * from './task-queue-store.ts';
