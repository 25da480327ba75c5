// The services that one thread answers for, by number and method. Requests for a service that is still starting wait for it.

import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { CallContext, Handler, ServiceDefinition, ServiceHandlers } from './service.ts';
import { HISTORY_SERVICE, MATCHING_SERVICE, WORKER_SERVICE } from './services.ts';

/** A service's number in frames is its index: append only. */
export const SERVICES: readonly ServiceDefinition<string>[] = [HISTORY_SERVICE, MATCHING_SERVICE, WORKER_SERVICE];

export const ServiceNumber = Object.freeze({ HISTORY: 0, MATCHING: 1, WORKER: 2 });

/** Method numbers by name, per service. */
export const METHOD_NUMBERS: readonly ReadonlyMap<string, number>[] = SERVICES.map(
  (service) => new Map(service.methods.map((method, index) => [method, index])),
);

/** For logs: `history.StartWorkflowExecution`. */
export function serviceMethodName(service: number, method: number): string {
  return `${SERVICES[service]?.name ?? service}.${SERVICES[service]?.methods[method] ?? method}`;
}

/** Requests that wait for one starting service: more than any start-up sees; the rest is told to come back. */
const MAX_HELD_REQUESTS = 10_000;

export class ServiceHost {
  readonly #handlers: (readonly (Handler | undefined)[] | undefined)[] = SERVICES.map(() => undefined);
  readonly #held: (() => void)[][] = SERVICES.map(() => []);

  /** From now on requests reach `handlers`; those that were held go first, in order. */
  register(service: number, handlers: ServiceHandlers<string>): void {
    this.#handlers[service] = SERVICES[service]!.methods.map((method) => handlers[method]);
    const held = this.#held[service]!;
    this.#held[service] = [];
    for (const run of held) run();
  }

  unregister(service: number): void {
    this.#handlers[service] = undefined;
  }

  isRegistered(service: number): boolean {
    return this.#handlers[service] !== undefined;
  }

  /** Keeps a request until its service is registered. Throws UNAVAILABLE when too many wait. */
  hold(service: number, run: () => void): void {
    const held = this.#held[service]!;
    if (held.length >= MAX_HELD_REQUESTS) {
      throw new ServiceError(GrpcCode.UNAVAILABLE, `${SERVICES[service]!.name} is starting`);
    }
    held.push(run);
  }

  /** Runs the handler. Throws, or rejects, with what it throws. */
  handle(service: number, method: number, request: Uint8Array, call: CallContext, shardId: number) {
    const handler = this.#handlers[service]?.[method];
    if (handler === undefined) {
      throw new ServiceError(GrpcCode.UNIMPLEMENTED, `unknown method ${serviceMethodName(service, method)}`);
    }
    return handler(request, call, shardId);
  }
}
