import { describeVisibilityStore } from '../testing/store-contract.ts';
import { MemoryVisibilityStore } from './memory-visibility-store.ts';

describeVisibilityStore('memory', async () => new MemoryVisibilityStore());
