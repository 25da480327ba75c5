// All services in one thread: for unit tests and the simulator. Same contract as RingRouter, deadlines exact on the clock.

import type { Logger } from '../metrics/logger.ts';
import { silentLogger } from '../metrics/logger.ts';
import type { Clock, TimerHandle } from './clock.ts';
import { threadUnavailable } from './error-status.ts';
import type { FactChannel, FactName } from './facts.ts';
import { LocalCalls } from './local-calls.ts';
import type { Router } from './router.ts';
import { SealedAnswers } from './seals.ts';
import type { CallOptions, ServiceHandlers } from './service.ts';
import { METHOD_NUMBERS, ServiceHost, ServiceNumber } from './service-host.ts';
import type { HistoryMethod, MatchingMethod, WorkerMethod } from './services.ts';

export class SingleThreadRouter implements Router, FactChannel {
  readonly sealer = 0;
  readonly #host = new ServiceHost();
  readonly #sealed: SealedAnswers;
  readonly #calls: LocalCalls;
  readonly #clock: Clock;
  readonly #facts = new Map<FactName, ((body: Uint8Array) => void)[]>();
  #expiry: { readonly atMs: number; readonly timer: TimerHandle } | undefined;

  constructor(clock: Clock, logger: Logger = silentLogger) {
    this.#clock = clock;
    this.#sealed = new SealedAnswers(clock);
    this.#calls = new LocalCalls(this.#host, this.#sealed, logger);
  }

  /** Calls made before wait until their service is registered. Registering again replaces. */
  registerHistory(handlers: ServiceHandlers<HistoryMethod>): void {
    this.#host.register(ServiceNumber.HISTORY, handlers);
  }

  registerMatching(handlers: ServiceHandlers<MatchingMethod>): void {
    this.#host.register(ServiceNumber.MATCHING, handlers);
  }

  registerWorker(handlers: ServiceHandlers<WorkerMethod>): void {
    this.#host.register(ServiceNumber.WORKER, handlers);
  }

  callHistory(shardId: number, method: HistoryMethod, request: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    return this.#call(ServiceNumber.HISTORY, method, shardId, request, options);
  }

  callMatching(
    _partitionKey: string,
    method: MatchingMethod,
    request: Uint8Array,
    options?: CallOptions,
  ): Promise<Uint8Array> {
    return this.#call(ServiceNumber.MATCHING, method, 0, request, options);
  }

  tellMatching(_partitionKey: string, method: MatchingMethod, message: Uint8Array): boolean {
    const number = METHOD_NUMBERS[ServiceNumber.MATCHING]!.get(method)!;
    queueMicrotask(() => this.#calls.tell(ServiceNumber.MATCHING, number, message));
    return true;
  }

  settleSeal(id: number, holds: boolean): void {
    queueMicrotask(() => this.#sealed.settle(id, holds));
  }

  flush(): void {}

  callWorker(method: WorkerMethod, request: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    return this.#call(ServiceNumber.WORKER, method, 0, request, options);
  }

  publish(fact: FactName, body: Uint8Array): void {
    queueMicrotask(() => {
      for (const listener of this.#facts.get(fact) ?? []) listener(body);
    });
  }

  subscribe(fact: FactName, listener: (body: Uint8Array) => void): void {
    this.#facts.set(fact, [...(this.#facts.get(fact) ?? []), listener]);
  }

  /** Calls in progress fail with UNAVAILABLE. */
  stop(): void {
    this.#expiry?.timer.cancel();
    this.#calls.rejectAll(() => threadUnavailable('the server'));
  }

  #call(
    service: number,
    method: string,
    shardId: number,
    request: Uint8Array,
    options: CallOptions | undefined,
  ): Promise<Uint8Array> {
    const answered = this.#calls.call(service, METHOD_NUMBERS[service]!.get(method) ?? -1, shardId, request, options);
    if (options?.deadlineMs !== undefined) this.#expireAt(options.deadlineMs);
    return answered;
  }

  #expireAt(deadlineMs: number): void {
    if (!Number.isFinite(deadlineMs) || (this.#expiry !== undefined && this.#expiry.atMs <= deadlineMs)) return;
    this.#expiry?.timer.cancel();
    const timer = this.#clock.after(deadlineMs - this.#clock.nowMs(), () => {
      this.#expiry = undefined;
      this.#calls.expire(this.#clock.nowMs());
      this.#expireAt(this.#calls.nextDeadlineMs());
    });
    this.#expiry = { atMs: deadlineMs, timer };
  }
}
