// How a data set is divided: shards and store partitions, fixed when it is created and remembered beside the namespaces,
// because stored data depends on both.

import { availableParallelism } from 'node:os';
import type { MetadataStore } from '../../persistence/index.ts';
import { ConditionFailedError } from '../../persistence/index.ts';
import { FatalError } from '../fatal.ts';

export interface DataLayout {
  readonly shardCount: number;
  /** 0: the store is a shared database, partitions mean nothing to it. */
  readonly storePartitions: number;
}

const DOCUMENT = 'layout';

/** Threads beyond this bring nothing: the main loop is the limit by then. */
const MAX_DEFAULT_HISTORY_THREADS = 8;

/** Main, matching and the worker share the other half of the cores. */
export function defaultHistoryThreads(): number {
  return Math.max(1, Math.min(MAX_DEFAULT_HISTORY_THREADS, Math.floor(availableParallelism() / 2)));
}

/** Reads the layout of an existing data set or writes `wanted` for a new one. */
export async function settleDataLayout(store: MetadataStore, wanted: DataLayout): Promise<DataLayout> {
  const existing = await store.getDocument(DOCUMENT);
  if (existing !== undefined) return decode(existing.data);
  try {
    await store.putDocument(DOCUMENT, Buffer.from(JSON.stringify(wanted)), 0);
    return wanted;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    // Another host created it at the same moment: its layout holds.
    const theirs = await store.getDocument(DOCUMENT);
    if (theirs === undefined) throw error;
    return decode(theirs.data);
  }
}

function decode(data: Uint8Array): DataLayout {
  const { shardCount, storePartitions } = JSON.parse(Buffer.from(data).toString('utf8')) as Partial<DataLayout>;
  if (!Number.isInteger(shardCount) || !Number.isInteger(storePartitions)) {
    throw new FatalError('the stored data layout cannot be read');
  }
  return { shardCount: shardCount!, storePartitions: storePartitions! };
}
