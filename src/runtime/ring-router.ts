// The Router of a process whose services live on threads: finds the thread that owns a shard or a task queue and sends the
// bytes over its ring. One per thread.

import { farmFingerprint32 } from '../base/farm-fingerprint32.ts';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { MessageHub } from './message-hub.ts';
import type { Router } from './router.ts';
import type { CallOptions } from './service.ts';
import { METHOD_NUMBERS, ServiceNumber } from './service-host.ts';
import type { HistoryMethod, MatchingMethod, WorkerMethod } from './services.ts';
import { partitionOfShard, type Topology, threadsOf } from './topology.ts';

export class RingRouter implements Router {
  readonly #hub: MessageHub;
  /** By shard id minus one. */
  readonly #historyThreads: readonly number[];
  readonly #matchingThreads: readonly number[];
  readonly #workerThread: number;
  readonly #mainThread: number;

  constructor(hub: MessageHub, topology: Topology) {
    this.#hub = hub;
    const history = threadsOf(topology, 'history');
    this.#historyThreads = Array.from({ length: topology.shardCount }, (_, index) => {
      return history[partitionOfShard(topology, index + 1) % history.length]!.thread;
    });
    this.#matchingThreads = threadsOf(topology, 'matching').map((description) => description.thread);
    this.#workerThread = threadsOf(topology, 'worker')[0]!.thread;
    this.#mainThread = threadsOf(topology, 'main')[0]!.thread;
  }

  callHistory(shardId: number, method: HistoryMethod, request: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    const thread = this.#historyThreads[shardId - 1];
    if (thread === undefined) {
      return Promise.reject(new ServiceError(GrpcCode.INVALID_ARGUMENT, `Invalid ShardID: ${shardId}`));
    }
    return this.#call(thread, ServiceNumber.HISTORY, method, shardId, request, options);
  }

  callMatching(
    partitionKey: string,
    method: MatchingMethod,
    request: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array> {
    return this.#call(this.#matchingThread(partitionKey), ServiceNumber.MATCHING, method, 0, request, options);
  }

  tellMatching(partitionKey: string, method: MatchingMethod, message: Uint8Array): boolean {
    const number = METHOD_NUMBERS[ServiceNumber.MATCHING]!.get(method)!;
    return this.#hub.tell(this.#matchingThread(partitionKey), ServiceNumber.MATCHING, number, message);
  }

  get sealer(): number {
    return this.#hub.thread;
  }

  /** Polls come from main alone. */
  settleSeal(id: number, holds: boolean): void {
    this.#hub.settleSeal(this.#mainThread, id, holds);
  }

  flush(): void {
    this.#hub.flush();
  }

  callWorker(method: WorkerMethod, request: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    return this.#call(this.#workerThread, ServiceNumber.WORKER, method, 0, request, options);
  }

  #matchingThread(partitionKey: string): number {
    const threads = this.#matchingThreads;
    if (threads.length === 1) return threads[0]!;
    return threads[farmFingerprint32(Buffer.from(partitionKey)) % threads.length]!;
  }

  #call(
    thread: number,
    service: number,
    method: string,
    shardId: number,
    request: Uint8Array,
    options: CallOptions | undefined,
  ): Promise<Uint8Array> {
    const number = METHOD_NUMBERS[service]!.get(method);
    if (number === undefined) {
      return Promise.reject(new ServiceError(GrpcCode.UNIMPLEMENTED, `unknown method ${method}`));
    }
    return this.#hub.call(thread, service, number, shardId, request, options);
  }
}
