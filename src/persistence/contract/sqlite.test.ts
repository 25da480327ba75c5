// The store contract on SQLite, in a file and in memory.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStoreFactory } from '../create-store-factory.ts';
import { describeStores } from './store-contract.ts';

describeStores({
  name: 'sqlite (file)',
  durable: true,
  open: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ostinato-sqlite-'));
    const factory = createStoreFactory({ kind: 'sqlite', path: join(directory, 'data.db'), pragmas: {} });
    await factory.prepareSchema({ upgrade: false });
    return { factory, close: () => rm(directory, { recursive: true }) };
  },
});

describeStores({
  name: 'sqlite (in memory)',
  durable: false,
  open: async () => {
    const factory = createStoreFactory({ kind: 'sqlite', path: ':memory:', pragmas: {} });
    await factory.prepareSchema({ upgrade: false });
    return { factory, close: async () => {} };
  },
});
