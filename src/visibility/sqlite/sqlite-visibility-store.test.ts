import { describeVisibilityStore } from '../testing/store-contract.ts';
import { SqliteVisibilityStore } from './sqlite-visibility-store.ts';

describeVisibilityStore('sqlite in memory', async () => new SqliteVisibilityStore({ path: ':memory:', pragmas: {} }));
