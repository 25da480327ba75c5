// For tests: a frontend whose router records what it is asked and answers as told, and calls that keep their answer.

import { NamespaceRecord, type NamespaceRecordInit } from '#proto/ostinato/worker/v1';
import { NamespaceState } from '#proto/temporal/api/enums/v1';
import type { Setting, SettingValue } from '../../config/dynamic-config.ts';
import { silentLogger } from '../../metrics/logger.ts';
import { noMetrics } from '../../metrics/metrics.ts';
import { decodeStatus, namespaceNotFound } from '../../proto/service-errors.ts';
import type { MessageCodec } from '../../proto/wire.ts';
import type { RpcStatus, ServerCall } from '../../rpc/handler.ts';
import type { CallOptions } from '../../runtime/service.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { createFrontend, type Frontend } from '../frontend.ts';
import type { FrontendDependencies } from '../frontend-services.ts';

export const NAMESPACE_ID = '32049b68-7872-4094-8e63-d0dd59896a83';
export const OTHER_NAMESPACE_ID = 'b1d6e2c4-9d3e-4f0a-a7b4-1f5b8a6c9d10';
const FIRST_UUID = '00000000-0000-4000-8000-000000000001';

export interface RoutedCall {
  readonly service: 'history' | 'matching' | 'worker';
  /** Shard id or partition key. */
  readonly target: number | string;
  readonly method: string;
  readonly request: Uint8Array;
  readonly options: CallOptions | undefined;
}

export type Answer = (call: RoutedCall) => Uint8Array | Promise<Uint8Array>;

export interface FinishedCall {
  readonly response: Uint8Array | undefined;
  readonly status: RpcStatus | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

export interface CallSettings {
  readonly headers?: Readonly<Record<string, string>>;
  /** From now; none without. */
  readonly timeoutMs?: number;
  readonly service?: 'WorkflowService' | 'OperatorService';
}

export interface CallInProgress {
  readonly finished: Promise<FinishedCall>;
  cancel(): void;
}

export class FrontendHarness {
  readonly clock = new VirtualClock();
  readonly routed: RoutedCall[] = [];
  readonly settings = new Map<string, SettingValue>();
  readonly namespaces = new Map<string, NamespaceRecord>();
  /** Names that only the worker thread knows yet: their look-up takes a turn. */
  readonly late = new Set<string>();
  answer: Answer = () => new Uint8Array(0);
  private readonly frontend: Frontend;

  constructor(dependencies: Partial<FrontendDependencies> = {}) {
    this.addNamespace({ id: NAMESPACE_ID, name: 'default' });
    this.addNamespace({ id: OTHER_NAMESPACE_ID, name: 'other' });
    const route = async (call: RoutedCall): Promise<Uint8Array> => {
      this.routed.push({ ...call, request: Uint8Array.from(call.request) });
      return this.answer(call);
    };
    const resolve = (known: NamespaceRecord | undefined, key: string): NamespaceRecord | Promise<NamespaceRecord> => {
      if (known === undefined) throw namespaceNotFound(key);
      return this.late.has(known.name) ? Promise.resolve(known) : known;
    };
    const byId = (id: string) => [...this.namespaces.values()].find((record) => record.id === id);
    this.frontend = createFrontend({
      router: {
        callHistory: (target, method, request, options) =>
          route({ service: 'history', target, method, request, options }),
        callMatching: (target, method, request, options) =>
          route({ service: 'matching', target, method, request, options }),
        tellMatching: () => false,
        sealer: 0,
        settleSeal: () => {},
        flush: () => {},
        callWorker: (method, request, options) => route({ service: 'worker', target: '', method, request, options }),
      },
      clock: this.clock,
      logger: silentLogger,
      metrics: noMetrics,
      dynamicConfig: {
        get: <T extends SettingValue>(setting: Setting<T>) =>
          (this.settings.get(setting.key) ?? setting.defaultValue) as T,
      },
      namespaces: {
        byId,
        byName: (name) => this.namespaces.get(name),
        resolveName: (name) => resolve(this.namespaces.get(name), name),
        resolveId: (id) => resolve(byId(id), id),
      },
      shardCount: 4,
      hostName: '127.0.0.1',
      serverVersion: '1.31.2',
      newUuid: () => FIRST_UUID,
      monotonicNowMs: () => this.clock.nowMs(),
      ...dependencies,
    });
  }

  addNamespace(record: NamespaceRecordInit): void {
    const decoded = NamespaceRecord.decode(NamespaceRecord.encode({ state: NamespaceState.REGISTERED, ...record }));
    this.namespaces.set(decoded.name, decoded);
  }

  get methods(): Frontend['methods'] {
    return this.frontend.methods;
  }

  stop(): void {
    this.frontend.stop();
  }

  /** The bytes stand in a buffer that is wiped once the handler returned, as a transport's may be. */
  begin(method: string, message: Uint8Array, settings: CallSettings = {}): CallInProgress {
    const service = settings.service ?? 'WorkflowService';
    const path = `/temporal.api.${service.toLowerCase()}.v1.${service}/${method}`;
    const handler = this.frontend.methods.get(path);
    if (handler?.kind !== 'unary') throw new Error(`${path} is not in the table`);
    const { promise, resolve } = Promise.withResolvers<FinishedCall>();
    const headers = new Map<string, string>();
    let onCancel = () => {};
    let cancelled = false;
    const call: ServerCall = {
      path,
      metadata: {
        get: (name) => settings.headers?.[name],
        getAll: (name) => [settings.headers?.[name] ?? []].flat(),
      },
      peer: { address: '127.0.0.1:40000' },
      deadlineMs: settings.timeoutMs === undefined ? Number.POSITIVE_INFINITY : this.clock.nowMs() + settings.timeoutMs,
      get cancelled() {
        return cancelled;
      },
      onCancel: (listener) => {
        onCancel = listener;
      },
      setHeader: (name, value) => headers.set(name, value),
      respond: (response) => resolve({ response, status: undefined, headers }),
      fail: (status) => resolve({ response: undefined, status, headers }),
      write: () => true,
      onDrain: () => {},
      end: () => {},
    };
    const buffer = Uint8Array.from(message);
    handler.handle(call, buffer);
    buffer.fill(0xff);
    return {
      finished: promise,
      cancel: () => {
        cancelled = true;
        onCancel();
      },
    };
  }

  call(method: string, message: Uint8Array, settings?: CallSettings): Promise<FinishedCall> {
    return this.begin(method, message, settings).finished;
  }

  /** The status of a call that must fail. */
  async refusal(method: string, message: Uint8Array, settings?: CallSettings): Promise<RpcStatus> {
    const { status } = await this.call(method, message, settings);
    if (status === undefined) throw new Error(`${method} succeeded`);
    if (status.details !== undefined && decodeStatus(status.details).code !== status.code) {
      throw new Error('details and status differ');
    }
    return status;
  }

  /** What the last call that reached another service carried, as that service reads it. */
  lastRequest<T, Init>(envelope: MessageCodec<{ request: Uint8Array }, Init>, codec: MessageCodec<T, unknown>): T {
    const last = this.routed.at(-1);
    if (last === undefined) throw new Error('nothing was routed');
    return codec.decode(envelope.decode(last.request).request);
  }
}
