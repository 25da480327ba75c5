export * from './execution-store.ts';
export * from './metadata-store.ts';
export * from './store-errors.ts';
export * from './store-factory.ts';
export * from './task-queue-store.ts';
