// Puts the frontend together: the public methods behind the interceptors, as a method table for the RPC server. Main loop.

import { randomUUID } from 'node:crypto';
import { Bag } from '../base/bag.ts';
import type { MethodTable } from '../rpc/handler.ts';
import { ReadPartitionPicker } from '../runtime/partition-choice.ts';
import { adminRpcs } from './admin/index.ts';
import { publicRpcs } from './api/index.ts';
import { Dispatcher } from './dispatcher.ts';
import type { FrontendDependencies, FrontendServices } from './frontend-services.ts';
import { authorizationInterceptor } from './interceptors/authorization.ts';
import { concurrentLimit } from './interceptors/concurrent-limit.ts';
import type { Interceptor } from './interceptors/interceptor.ts';
import { namespaceName } from './interceptors/namespace-name.ts';
import { namespaceState } from './interceptors/namespace-state.ts';
import { hostRateLimit, namespaceRateLimit } from './interceptors/rate-limits.ts';
import { sdkVersion } from './interceptors/sdk-version.ts';
import { telemetry } from './interceptors/telemetry.ts';
import { rpcPath } from './rpc.ts';

export interface Frontend {
  /** For createRpcServer, together with the tables of other services (health, reflection, admin). */
  readonly methods: MethodTable;
  start(): void;
  /** Ends waiting calls. Safe to call twice. */
  stop(): void;
}

export function createFrontend(dependencies: FrontendDependencies): Frontend {
  const services: FrontendServices = {
    ...dependencies,
    hostCount: dependencies.hostCount ?? (() => 1),
    newUuid: dependencies.newUuid ?? randomUUID,
    monotonicNowMs: dependencies.monotonicNowMs ?? (() => performance.now()),
    instruments: new WeakMap(),
    clientVersions: new Map(),
    waitingCalls: new Bag(),
    readPartitions: new ReadPartitionPicker(),
  };
  const dispatcher = new Dispatcher(services, interceptors(services));
  return {
    methods: new Map(
      [...publicRpcs, ...adminRpcs].map((rpc) => [rpcPath(rpc.service, rpc.method), dispatcher.methodHandler(rpc)]),
    ),
    start: () => {},
    stop: () => dispatcher.stop(),
  };
}

/** In Temporal's order (service/frontend/fx.go GrpcServerOptionsProvider, v1.31): which refusal a caller gets depends on it. */
function interceptors(services: FrontendServices): readonly Interceptor[] {
  const authorization = authorizationInterceptor(services.authorization);
  return [
    namespaceName,
    ...(authorization === undefined ? [] : [authorization]),
    telemetry,
    namespaceState,
    concurrentLimit(),
    namespaceRateLimit(services),
    hostRateLimit(services),
    sdkVersion(services.serverVersion),
  ];
}
