// Where a call goes. Shards and task-queue partitions have an owner thread on some host; the router finds it and sends the
// bytes over a ring or over the network. There is one per thread, and no other way between services.

import type { CallOptions } from './service.ts';
import type { HistoryMethod, MatchingMethod, WorkerMethod } from './services.ts';

export interface Router {
  /** Rejects with ServiceError: what the handler threw, UNAVAILABLE when the owner restarts, RESOURCE_EXHAUSTED when its ring is full. */
  callHistory(shardId: number, method: HistoryMethod, request: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** `partitionKey` from partitionKey(): calls with one key reach one thread. */
  callMatching(
    partitionKey: string,
    method: MatchingMethod,
    request: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /** A message without an answer. False if it was not sent: the owner is down or too much waits for it. What it becomes nobody is told. */
  tellMatching(partitionKey: string, method: MatchingMethod, message: Uint8Array): boolean;
  /** Whose seals this side's are, in `HandOverTask`. */
  readonly sealer: number;
  /** Tells whoever keeps the answer under this seal whether it holds; see seals.ts. */
  settleSeal(id: number, holds: boolean): void;
  /** Sends now what would leave at the end of the turn, for a turn that is about to take long. */
  flush(): void;
  callWorker(method: WorkerMethod, request: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}
