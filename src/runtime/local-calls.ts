// Calls to a service of the same thread: the short cut without a ring, but as asynchronous and as ordered as one.

import { NumberMap } from '../base/number-map.ts';
import type { ServiceError } from '../base/service-error.ts';
import type { Logger } from '../metrics/logger.ts';
import { asServiceError, callCancelled } from './error-status.ts';
import { PendingCalls } from './pending-calls.ts';
import { RingCall } from './ring-call.ts';
import type { SealedAnswers } from './seals.ts';
import type { CallOptions } from './service.ts';
import { type ServiceHost, serviceMethodName } from './service-host.ts';

export class LocalCalls {
  readonly #host: ServiceHost;
  readonly #sealed: SealedAnswers;
  readonly #logger: Logger;
  readonly #pending: PendingCalls;
  readonly #answering = new NumberMap<RingCall>();

  constructor(host: ServiceHost, sealed: SealedAnswers, logger: Logger) {
    this.#host = host;
    this.#sealed = sealed;
    this.#logger = logger;
    this.#pending = new PendingCalls((correlationId) => this.#answering.get(correlationId)?.cancel());
  }

  get size(): number {
    return this.#pending.size;
  }

  call(
    service: number,
    method: number,
    shardId: number,
    request: Uint8Array,
    options: CallOptions | undefined,
  ): Promise<Uint8Array> {
    if (options?.cancellation?.cancelled) return Promise.reject(callCancelled());
    const correlationId = this.#pending.nextId();
    const call = new RingCall(options?.deadlineMs ?? Number.POSITIVE_INFINITY);
    this.#answering.set(correlationId, call);
    const answered = this.#pending.add(correlationId, options);
    queueMicrotask(() => this.#start({ correlationId, service, method, shardId, request, call }));
    return answered;
  }

  /** A message that nobody answers. What goes wrong with it is only logged. */
  tell(service: number, method: number, message: Uint8Array): void {
    const call = new RingCall(Number.POSITIVE_INFINITY);
    const failed = (error: unknown): void => {
      this.#logFailure(service, method, error);
    };
    const run = (): void => {
      try {
        const response = this.#host.handle(service, method, message, call, 0);
        if (response instanceof Promise) response.catch(failed);
      } catch (error) {
        failed(error);
      }
    };
    try {
      if (this.#host.isRegistered(service)) run();
      else this.#host.hold(service, run);
    } catch (error) {
      failed(error);
    }
  }

  expire(nowMs: number): void {
    this.#pending.expire(nowMs);
  }

  /** The earliest deadline among the calls in progress. */
  nextDeadlineMs(): number {
    return this.#pending.nextDeadlineMs();
  }

  rejectAll(error: () => Error): void {
    this.#pending.rejectAll(error);
    for (const [, call] of this.#answering.entries()) call.cancel();
  }

  #start(local: LocalCall): void {
    if (this.#host.isRegistered(local.service)) {
      this.#run(local);
      return;
    }
    try {
      this.#host.hold(local.service, () => this.#run(local));
    } catch (error) {
      this.#fail(local, error);
    }
  }

  #run(local: LocalCall): void {
    const { correlationId, call } = local;
    if (call.cancelled) {
      this.#answering.delete(correlationId);
      return;
    }
    try {
      const response = this.#host.handle(local.service, local.method, local.request, call, local.shardId);
      if (response instanceof Promise) {
        response.then(
          (bytes) => this.#succeed(local, bytes),
          (error) => this.#fail(local, error),
        );
      } else {
        this.#succeed(local, response);
      }
    } catch (error) {
      this.#fail(local, error);
    }
  }

  #succeed({ correlationId, call }: LocalCall, response: Uint8Array): void {
    this.#answering.delete(correlationId);
    if (call.seal === undefined) this.#pending.resolve(correlationId, response);
    else this.#sealed.receive(call.seal, response, (answer) => this.#pending.resolve(correlationId, answer));
  }

  #fail({ correlationId, service, method }: LocalCall, error: unknown): void {
    this.#answering.delete(correlationId);
    this.#pending.reject(correlationId, this.#logFailure(service, method, error));
  }

  #logFailure(service: number, method: number, error: unknown): ServiceError {
    const serviceError = asServiceError(error);
    if (serviceError !== error) {
      this.#logger.error({ err: error, operation: serviceMethodName(service, method) }, 'a handler failed');
    }
    return serviceError;
  }
}

interface LocalCall {
  readonly correlationId: number;
  readonly service: number;
  readonly method: number;
  readonly shardId: number;
  readonly request: Uint8Array;
  readonly call: RingCall;
}
