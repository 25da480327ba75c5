// Which shard owns a workflow: Temporal's function of namespace id and workflow id, so that tools and other clusters agree on
// shard ids (common.WorkflowIDToHistoryShard, v1.31). Any thread.

import { Buffer } from 'node:buffer';
import { farmFingerprint32 } from '../base/farm-fingerprint32.ts';

// Namespace id (36) and workflow id (at most limit.maxIDLength, 1000 bytes by default); longer ones get a buffer of their own.
const SCRATCH_BYTES = 2048;
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/** From 1 to `shardCount`. */
export function shardIdOf(namespaceId: string, workflowId: string, shardCount: number): number {
  const key = `${namespaceId}_${workflowId}`;
  const hash =
    key.length * 3 <= SCRATCH_BYTES
      ? farmFingerprint32(scratch, scratch.write(key, 0, 'utf8'))
      : farmFingerprint32(Buffer.from(key));
  return (hash % shardCount) + 1;
}
