import type { HistoryMethod } from '../../runtime/services.ts';
import { shardIdOf } from '../../runtime/shard-id.ts';
import type { HistoryEngine } from '../engine.ts';

/** A call to the shard of another workflow, on this thread, another or another host. */
export function callShard(
  engine: HistoryEngine,
  namespaceId: string,
  workflowId: string,
  method: HistoryMethod,
  request: Uint8Array,
): Promise<Uint8Array> {
  return engine.router.callHistory(shardIdOf(namespaceId, workflowId, engine.shardCount), method, request);
}
