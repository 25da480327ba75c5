// grpc.health.v1.Health (grpc/doc/health-checking.md): Check, Watch and List over a state that the composition root sets.
// `temporal operator cluster health`, Kubernetes and SDKs ask it. Main loop.

import { Reader } from '../../proto/wire.ts';
import type { MethodHandler, MethodTable, ServerCall } from '../handler.ts';
import { bytesField, stringField, varintField } from '../protobuf-fields.ts';
import { GrpcCode } from '../status.ts';

export const HEALTH_SERVICE = 'grpc.health.v1.Health';

/** grpc.health.v1.HealthCheckResponse.ServingStatus. */
export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
export type ServingStatus = (typeof ServingStatus)[keyof typeof ServingStatus];

/** Watches open at one time over all connections. Beyond: RESOURCE_EXHAUSTED. Each holds some hundred bytes. */
const MAX_WATCHES = 10_000;

type Listener = (service: string) => void;

/** Who serves. The empty name is the whole server, SERVING from the start, as in grpc-go. */
export class HealthState {
  readonly #statuses = new Map<string, ServingStatus>([['', ServingStatus.SERVING]]);
  readonly #listeners = new Set<Listener>();
  #down = false;

  get(service: string): ServingStatus | undefined {
    return this.#statuses.get(service);
  }

  get entries(): Iterable<readonly [string, ServingStatus]> {
    return this.#statuses;
  }

  set(service: string, status: ServingStatus): void {
    if (this.#down || this.#statuses.get(service) === status) return;
    this.#statuses.set(service, status);
    this.#tell(service);
  }

  /** Everything is NOT_SERVING from now on: load balancers look elsewhere before the port closes. */
  shutDown(): void {
    for (const service of this.#statuses.keys()) this.set(service, ServingStatus.NOT_SERVING);
    this.#down = true;
  }

  get watchCount(): number {
    return this.#listeners.size;
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(service: string): void {
    for (const listener of [...this.#listeners]) listener(service);
  }
}

export function healthService(state: HealthState): MethodTable {
  return new Map<string, MethodHandler>([
    [`/${HEALTH_SERVICE}/Check`, { kind: 'unary', handle: (call, message) => check(state, call, message) }],
    [`/${HEALTH_SERVICE}/Watch`, { kind: 'unary', handle: (call, message) => watch(state, call, message) }],
    [`/${HEALTH_SERVICE}/List`, { kind: 'unary', handle: (call) => call.respond(list(state)) }],
  ]);
}

function check(state: HealthState, call: ServerCall, message: Uint8Array): void {
  const service = readService(call, message);
  if (service === undefined) return;
  const status = state.get(service);
  if (status === undefined) call.fail({ code: GrpcCode.NOT_FOUND, message: 'unknown service' });
  else call.respond(response(status));
}

/** Sends the status now and whenever it changes, until the client cancels. */
function watch(state: HealthState, call: ServerCall, message: Uint8Array): void {
  const service = readService(call, message);
  if (service === undefined) return;
  if (state.watchCount >= MAX_WATCHES) {
    call.fail({ code: GrpcCode.RESOURCE_EXHAUSTED, message: 'too many health watches' });
    return;
  }
  let sent: ServingStatus | undefined;
  let writable = true;
  const send = (): void => {
    const status = state.get(service) ?? ServingStatus.SERVICE_UNKNOWN;
    // a slow reader is told the newest status once it reads again, not each in between
    if (!writable || status === sent) return;
    sent = status;
    writable = call.write(response(status));
  };
  const unsubscribe = state.subscribe((changed) => {
    if (changed === service) send();
  });
  call.onCancel(unsubscribe);
  call.onDrain(() => {
    writable = true;
    send();
  });
  send();
}

function list(state: HealthState): Uint8Array {
  const entries: Buffer[] = [];
  for (const [service, status] of state.entries) {
    entries.push(bytesField(1, Buffer.concat([stringField(1, service), bytesField(2, response(status))])));
  }
  return Buffer.concat(entries);
}

/** HealthCheckRequest { string service = 1; } */
function readService(call: ServerCall, message: Uint8Array): string | undefined {
  try {
    const reader = new Reader(message);
    let service = '';
    while (reader.pos < reader.end) {
      const tag = reader.uint32();
      if (tag === 0x0a) service = reader.string();
      else reader.skip(tag);
    }
    return service;
  } catch {
    // the bytes are the client's fault, whatever is wrong with them
    call.fail({ code: GrpcCode.INTERNAL, message: 'grpc: error unmarshalling request' });
    return undefined;
  }
}

/** HealthCheckResponse { ServingStatus status = 1; } */
function response(status: ServingStatus): Buffer {
  return status === ServingStatus.UNKNOWN ? Buffer.alloc(0) : varintField(1, status);
}
