// The store contract on the memory backend, answering at once and by promise, with and without a journal in front of it.

import { JournaledExecutionStore } from '../journal/journaled-store.ts';
import { MemoryStoreFactory } from '../memory/factory.ts';
import type { StoreFactory } from '../store-factory.ts';
import { describeStores } from './store-contract.ts';

for (const answer of ['sync', 'promise'] as const) {
  describeStores({
    name: `memory (${answer})`,
    durable: true,
    open: async () => ({ factory: new MemoryStoreFactory({ answer }), close: async () => {} }),
  });
  describeStores({
    name: `memory with a journal (${answer})`,
    durable: true,
    open: async () => {
      const memory = new MemoryStoreFactory({ answer });
      const factory: StoreFactory = {
        prepareSchema: () => memory.prepareSchema(),
        openExecutionStore: (partition) =>
          new JournaledExecutionStore(memory.openExecutionStore(partition), { maxBacklog: 8 }),
        openTaskQueueStore: () => memory.openTaskQueueStore(),
        openMetadataStore: () => memory.openMetadataStore(),
      };
      return { factory, close: async () => {} };
    },
  });
}
