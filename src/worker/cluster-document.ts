// The cluster's identity: a UUID made by the first host that ever started on the store. Worker thread.

import { randomUUID } from 'node:crypto';
import { ConditionFailedError, type MetadataStore } from '../persistence/index.ts';

const DOCUMENT = 'cluster';

/** The id; creates it on a new store. */
export async function ensureClusterId(store: MetadataStore): Promise<string> {
  const stored = await store.getDocument(DOCUMENT);
  if (stored !== undefined) return readClusterId(stored.data);
  const clusterId = randomUUID();
  try {
    await store.putDocument(DOCUMENT, Buffer.from(JSON.stringify({ clusterId })), 0);
    return clusterId;
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    return ensureClusterId(store); // another host was first
  }
}

function readClusterId(data: Uint8Array): string {
  const { clusterId } = JSON.parse(Buffer.from(data).toString('utf8')) as { clusterId?: unknown };
  if (typeof clusterId !== 'string') throw new Error(`the store's document ${DOCUMENT} holds no cluster id`);
  return clusterId;
}
