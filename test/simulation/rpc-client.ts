// A gRPC client in the simulation: public calls to any frontend that lives, over the lossy network, repeated as SDKs repeat them.

import { GrpcCode, ServiceError } from '../../src/base/service-error.ts';
import type { Frontend } from '../../src/frontend/index.ts';
import type { MessageCodec } from '../../src/proto/wire.ts';
import type { ServerCall } from '../../src/rpc/handler.ts';
import type { Cancellation } from '../../src/runtime/cancellation.ts';
import { callCancelled } from '../../src/runtime/error-status.ts';
import type { CallContext } from '../../src/runtime/service.ts';
import type { Random } from '../crash/random.ts';
import type { Cluster, SimulatedNode } from './cluster.ts';

/** Codes that SDKs answer with another attempt (client-go and sdk-core retry policies); INTERNAL is none of them here. */
const PASSING: ReadonlySet<number> = new Set([
  GrpcCode.UNAVAILABLE,
  GrpcCode.DEADLINE_EXCEEDED,
  GrpcCode.CANCELLED,
  GrpcCode.RESOURCE_EXHAUSTED,
  GrpcCode.ABORTED,
  GrpcCode.UNKNOWN,
]);
const CALL_TIMEOUT_MS = 10_000;

export interface CallSettings {
  readonly timeoutMs?: number;
  readonly cancellation?: Cancellation;
}

export type Codecs<QInit, R> = readonly [MessageCodec<unknown, QInit>, MessageCodec<R, unknown>];

export class RpcClient {
  readonly #cluster: Cluster;
  readonly #random: Random;
  /** Answers that no correct server gives. */
  readonly violations: string[];

  constructor(cluster: Cluster, random: Random, violations: string[]) {
    this.#cluster = cluster;
    this.#random = random;
    this.violations = violations;
  }

  /** One attempt. Rejects with ServiceError. */
  async call<QInit, R>(
    method: string,
    [requestCodec, responseCodec]: Codecs<QInit, R>,
    request: QInit,
    settings: CallSettings = {},
  ): Promise<R> {
    const deadlineMs = this.#cluster.clock.nowMs() + (settings.timeoutMs ?? CALL_TIMEOUT_MS);
    const message = requestCodec.encode(request);
    const answer = await this.#cluster.network.call({
      what: method,
      from: undefined,
      to: () => this.#cluster.frontend(),
      handle: (to, call) => handle((to as SimulatedNode<Frontend>).service, method, message, call),
      options: { deadlineMs, cancellation: settings.cancellation },
    });
    return responseCodec.decode(answer);
  }

  /** Attempts until there is an answer; errors that do not pass are thrown. */
  async persist<QInit, R>(
    method: string,
    codecs: Codecs<QInit, R>,
    request: QInit,
    settings: CallSettings & { readonly while?: () => boolean } = {},
  ): Promise<R> {
    for (;;) {
      try {
        return await this.call(method, codecs, request, settings);
      } catch (error) {
        if (!isPassing(error) || settings.while?.() === false) throw error;
        await this.pause(20 + this.#random.next() * 300);
      }
    }
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#cluster.clock.after(delayMs, resolve));
  }
}

export function isPassing(error: unknown): boolean {
  return error instanceof ServiceError && PASSING.has(error.code);
}

export function isCode(error: unknown, ...codes: number[]): boolean {
  return error instanceof ServiceError && codes.includes(error.code);
}

function handle(frontend: Frontend, method: string, message: Uint8Array, context: CallContext): Promise<Uint8Array> {
  const path = `/temporal.api.workflowservice.v1.WorkflowService/${method}`;
  const handler = frontend.methods.get(path);
  if (handler?.kind !== 'unary') throw new Error(`${path} is not in the table`);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const metadata = new Map([
    ['client-name', 'temporal-typescript'],
    ['client-version', '1.24.0'],
  ]);
  const call: ServerCall = {
    path,
    metadata: { get: (name) => metadata.get(name), getAll: (name) => [metadata.get(name) ?? []].flat() },
    peer: { address: '127.0.0.1:40000' },
    deadlineMs: context.deadlineMs,
    get cancelled() {
      return context.cancelled;
    },
    onCancel: (listener) =>
      context.onCancel(() => {
        listener();
        reject(callCancelled()); // nothing is answered to a caller that has gone
      }),
    setHeader: () => {},
    respond: resolve,
    fail: ({ code, message: text }) => reject(new ServiceError(code as GrpcCode, text)),
    write: () => true,
    onDrain: () => {},
    end: () => {},
  };
  const buffer = Uint8Array.from(message);
  handler.handle(call, buffer);
  buffer.fill(0xff); // the transport uses its buffer again
  return promise;
}
