// A worker service on stores in memory, virtual time, and a router that tests can look into. For the tests of this folder.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import type { ConfiguredValues } from '../../config/configured-values.ts';
import { SettingValues } from '../../config/setting-values.ts';
import { silentLogger } from '../../metrics/logger.ts';
import { noMetrics } from '../../metrics/metrics.ts';
import type { ClusterInfo } from '../../namespace/index.ts';
import { MemoryStoreFactory, type MetadataStore } from '../../persistence/index.ts';
import type { MessageCodec } from '../../proto/wire.ts';
import type { Router } from '../../runtime/router.ts';
import type { CallContext } from '../../runtime/service.ts';
import type { HistoryMethod, MatchingMethod, WorkerMethod } from '../../runtime/services.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import type { VisibilityStore } from '../../visibility/index.ts';
import { SqliteVisibilityStore } from '../../visibility/sqlite/sqlite-visibility-store.ts';
import { createWorkerService, type WorkerService } from '../index.ts';

export const TEST_CLUSTER: ClusterInfo = {
  name: 'active',
  initialFailoverVersion: 1,
  failoverVersionIncrement: 10,
  isGlobalNamespaceEnabled: false,
  isMaster: true,
  rpcAddress: '127.0.0.1:7233',
  httpAddress: '127.0.0.1:7243',
};

export interface TestWorker {
  readonly service: WorkerService;
  readonly clock: VirtualClock;
  readonly metadataStore: MetadataStore;
  readonly visibilityStore: VisibilityStore;
  /** Versions that onNamespacesChanged heard. */
  readonly changes: number[];
  /** Calls public or internal methods, requests and responses as objects. */
  call<Request, Response>(
    method: WorkerMethod,
    codecs: readonly [MessageCodec<unknown, Request>, MessageCodec<Response, unknown>],
    request: Request,
    namespaceId?: string,
  ): Promise<Response>;
  /** The same without ApiRequest around it: RecordVisibility, ListNamespaceRecords. */
  callInternal<Request, Response>(
    method: WorkerMethod,
    codecs: readonly [MessageCodec<unknown, Request>, MessageCodec<Response, unknown>],
    request: Request,
  ): Promise<Response>;
}

export interface TestWorkerOptions {
  readonly settings?: ConfiguredValues;
  readonly cluster?: ClusterInfo;
  readonly metadataStore?: MetadataStore;
  readonly visibilityStore?: VisibilityStore;
  readonly clock?: VirtualClock;
  readonly history?: (shardId: number, method: HistoryMethod, request: Uint8Array) => Promise<Uint8Array>;
  readonly matching?: (key: string, method: MatchingMethod, request: Uint8Array) => Promise<Uint8Array>;
}

const CALL: CallContext = { deadlineMs: Number.POSITIVE_INFINITY, cancelled: false, onCancel() {} };

export async function startWorker(options: TestWorkerOptions = {}): Promise<TestWorker> {
  const clock = options.clock ?? new VirtualClock();
  const metadataStore = options.metadataStore ?? (await new MemoryStoreFactory().openMetadataStore());
  const visibilityStore = options.visibilityStore ?? new SqliteVisibilityStore({ path: ':memory:', pragmas: {} });
  const changes: number[] = [];
  const refused = async (): Promise<Uint8Array> => {
    throw new Error('this test expects no such call');
  };
  const router: Router = {
    callHistory: options.history ?? refused,
    callMatching: options.matching ?? refused,
    tellMatching: () => false,
    sealer: 0,
    settleSeal: () => {},
    flush: () => {},
    callWorker: refused,
  };
  const service = createWorkerService({
    metadataStore,
    visibilityStore,
    clock,
    logger: silentLogger,
    metrics: noMetrics,
    dynamicConfig: new SettingValues(options.settings ?? {}),
    router,
    onNamespacesChanged: (version) => changes.push(version),
    cluster: options.cluster ?? TEST_CLUSTER,
    historyShardCount: 4,
    persistenceStoreName: 'sqlite',
  });
  await service.start();
  const callInternal: TestWorker['callInternal'] = async (method, [requestCodec, responseCodec], request) =>
    responseCodec.decode(await service.handlers[method](requestCodec.encode(request), CALL, 0));
  const call: TestWorker['call'] = async (method, [requestCodec, responseCodec], request, namespaceId = '') => {
    const bytes = ApiRequest.encode({ namespaceId, request: requestCodec.encode(request) });
    return responseCodec.decode(await service.handlers[method](bytes, CALL, 0));
  };
  return { service, clock, metadataStore, visibilityStore, changes, call, callInternal };
}
