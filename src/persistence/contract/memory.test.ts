// The store contract on the memory backend, answering at once and by promise.

import { MemoryStoreFactory } from '../memory/factory.ts';
import { describeStores } from './store-contract.ts';

for (const answer of ['sync', 'promise'] as const) {
  describeStores({
    name: `memory (${answer})`,
    durable: true,
    open: async () => ({ factory: new MemoryStoreFactory({ answer }), close: async () => {} }),
  });
}
