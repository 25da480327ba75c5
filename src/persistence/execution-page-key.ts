// The opaque key that pages through a shard's executions: their primary key, in the order run, namespace, workflow.

import type { ExecutionKey } from './execution-store.ts';

export type ExecutionPageKey = Pick<ExecutionKey, 'runId' | 'namespaceId' | 'workflowId'>;

export function encodePageKey(key: ExecutionPageKey): string {
  return JSON.stringify([key.runId, key.namespaceId, key.workflowId]);
}

/** '' is before the first. */
export function decodePageKey(encoded: string): ExecutionPageKey {
  if (encoded === '') return { runId: '', namespaceId: '', workflowId: '' };
  const [runId, namespaceId, workflowId] = JSON.parse(encoded) as [string, string, string];
  return { runId, namespaceId, workflowId };
}
