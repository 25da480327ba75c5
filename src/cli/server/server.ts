// The composition root: puts the threads, the frontend and the listeners together in order, and takes them apart again in the
// opposite one. Main loop.

import { hostname } from 'node:os';
import { TEMPORAL_VERSION } from '../../base/version.ts';
import { createHttpApiServer } from '../../frontend/http/index.ts';
import { createFrontend } from '../../frontend/index.ts';
import { createWebUiServer } from '../../frontend/web/index.ts';
import { createLogOutput, type LogOutput } from '../../metrics/log-output.ts';
import type { Logger } from '../../metrics/logger.ts';
import { createLineLogger, LOG_LEVELS } from '../../metrics/thread-logger.ts';
import { createStoreFactory } from '../../persistence/index.ts';
import { createRpcServer, keepAlivePolicy, type MethodTable, type TlsOptions } from '../../rpc/index.ts';
import {
  HEALTH_SERVICE,
  HealthState,
  healthService,
  reflectionService,
  ServingStatus,
} from '../../rpc/services/index.ts';
import { createBells } from '../../runtime/doorbell.ts';
import { HeapGrowth } from '../../runtime/heap-growth.ts';
import { IdleMemory } from '../../runtime/idle-memory.ts';
import { createPollBoard } from '../../runtime/poll-board.ts';
import { createThreadContext, type ThreadContext } from '../../runtime/thread-context.ts';
import { createThreadLoads } from '../../runtime/thread-loads.ts';
import { ThreadSupervisor } from '../../runtime/thread-supervisor.ts';
import { planTopology, type Topology } from '../../runtime/topology.ts';
import { FatalError } from '../fatal.ts';
import { threadEntry } from '../thread-source.ts';
import { defaultHistoryThreads, settleDataLayout } from './data-layout.ts';
import { DynamicConfiguration } from './dynamic-configuration.ts';
import { registerInitialNamespaces } from './initial-namespaces.ts';
import { listenError } from './listen-error.ts';
import { listenerMetrics } from './listener-metrics.ts';
import { startMetricsEndpoint } from './metrics-endpoint.ts';
import { searchAttributesCheck } from './search-attributes-check.ts';
import type { ListenAddress, ServerOptions, ThreadSettings } from './server-options.ts';
import { createNamespaceRegistry, followDynamicConfig } from './thread-services.ts';
import { readTlsOptions } from './tls-options.ts';
import { TlsReloader } from './tls-reloader.ts';

/** SIGTERM to exit takes at most 5 s (issue 3): parked polls and calls in progress get the first part, threads the rest. */
const DRAIN_GRACE_MS = 1_000;
const CALLS_GRACE_MS = 1_500;
const THREADS_GRACE_MS = 2_000;

export interface RunningServer {
  readonly grpc: ListenAddress;
  readonly http: ListenAddress | undefined;
  readonly webUi: ListenAddress | undefined;
  readonly metrics: ListenAddress | undefined;
  readonly topology: Topology;
  readonly logger: Logger;
  stop(): Promise<void>;
}

/** What `temporal operator cluster health` asks for. */
const FRONTEND_HEALTH_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

/** Things to undo, newest first. */
class Undo {
  readonly #steps: (() => Promise<void> | void)[] = [];

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async run(logger: Logger): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        logger.error({ err: error }, 'the server did not stop cleanly');
      }
    }
  }
}

/** Throws FatalError, or what a store or the operating system says, when the server cannot start. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const output = await createLogOutput(options.logFormat);
  const logger = createLineLogger(LOG_LEVELS[options.logLevel], output);
  const undo = new Undo();
  undo.add(() => output.flush());
  try {
    return await compose(options, output, logger, undo);
  } catch (error) {
    await undo.run(logger);
    throw error;
  }
}

async function compose(options: ServerOptions, output: LogOutput, logger: Logger, undo: Undo): Promise<RunningServer> {
  const tls = options.tls && (await readTlsOptions(options.tls));
  const topology = await prepareStore(options, logger);
  const bells = createBells(topology.threads.length);
  const pollBoard = createPollBoard();
  const loads = createThreadLoads(topology.threads.length);
  const context = createThreadContext({ thread: 0, topology, bells, pollBoard, loads, logger });
  const configuration = startConfiguration(options, context);
  undo.add(() => configuration.stop());

  const settings: ThreadSettings = {
    store: options.store,
    hostName: hostname(),
    // Read whenever a thread starts, also when one comes back after a change.
    get dynamicValues() {
      return configuration.values;
    },
    cluster: options.cluster,
  };
  const supervisor = new ThreadSupervisor({
    topology,
    entry: threadEntry,
    bells,
    pollBoard,
    loads,
    hub: context.hub,
    clock: context.clock,
    logger,
    logLevel: LOG_LEVELS[options.logLevel],
    writeLine: (line) => output.write(line),
    settings,
  });
  undo.add(() => context.hub.stop());
  undo.add(() => supervisor.stop(THREADS_GRACE_MS));
  context.hub.start();
  // The frontend is put together while the threads load.
  const [frontend] = await Promise.all([prepareFrontend(options, tls, context, settings), supervisor.start()]);
  undo.add(() => frontend.stop());
  await frontend.start();
  await registerInitialNamespaces(context.router, options);

  const metrics = options.metrics && (await startMetricsEndpoint(options.metrics, context, supervisor));
  if (metrics !== undefined) undo.add(() => metrics.stop());
  configuration.declared(() => supervisor.declaredSettings());
  const grpc = await frontend.listen();
  const http = await frontend.listenHttp();
  const webUi = await frontend.listenWebUi();
  if (options.tls !== undefined && tls !== undefined) {
    const { clock } = context;
    const reloader = new TlsReloader({ config: options.tls, inUse: tls, clock, logger, update: frontend.updateTls });
    undo.add(() => reloader.stop());
    reloader.start();
  }
  // Polls are answered empty while the listener waits for the calls in progress: that is what lets them finish.
  undo.add(async () => {
    await Promise.all([frontend.stopListening(), supervisor.drain(DRAIN_GRACE_MS)]);
  });

  const idleMemory = new IdleMemory(context.clock, context.loads, { growth: new HeapGrowth() });
  undo.add(() => idleMemory.stop());
  idleMemory.start();

  let stopping: Promise<void> | undefined;
  return {
    grpc,
    http,
    webUi,
    metrics: metrics?.address,
    topology,
    logger,
    stop: () => {
      stopping ??= undo.run(logger);
      return stopping;
    },
  };
}

/** Brings the schema up to date, finds out how the data is divided, and plans the threads accordingly. */
async function prepareStore(options: ServerOptions, logger: Logger): Promise<Topology> {
  const factory = createStoreFactory(options.store);
  await factory.prepareSchema({ upgrade: options.upgradeSchema });
  const wantedThreads = options.historyThreads ?? defaultHistoryThreads();
  const wanted = Math.min(wantedThreads, options.shardCount);
  const embedded = options.store.kind !== 'postgres';
  const store = await factory.openMetadataStore();
  try {
    const { shardCount } = options;
    const layout = await settleDataLayout(store, { shardCount, storePartitions: embedded ? wanted : 0 });
    if (layout.shardCount !== shardCount) {
      logger.warn(
        { configured: shardCount, stored: layout.shardCount },
        'the number of shards was fixed when the data was created',
      );
    }
    return planTopology({
      historyThreads: wantedThreads,
      shardCount: layout.shardCount,
      storePartitions: layout.storePartitions || Math.min(wantedThreads, layout.shardCount),
    });
  } finally {
    await store.close();
  }
}

function startConfiguration({ dynamicConfig }: ServerOptions, context: ThreadContext): DynamicConfiguration {
  const configuration = new DynamicConfiguration(dynamicConfig, context);
  try {
    configuration.start();
  } catch (cause) {
    const why = (cause as Error).message;
    throw new FatalError(`cannot load the dynamic configuration ${dynamicConfig.file}: ${why}`, { cause });
  }
  return configuration;
}

async function prepareFrontend(
  options: ServerOptions,
  tls: TlsOptions | undefined,
  context: ThreadContext,
  settings: ThreadSettings,
) {
  const { router, clock, logger, metrics, topology } = context;
  const dynamicConfig = followDynamicConfig(context, settings);
  const namespaces = createNamespaceRegistry(context, dynamicConfig);
  const frontend = createFrontend({
    router,
    clock,
    logger,
    metrics,
    dynamicConfig,
    namespaces,
    shardCount: topology.shardCount,
    hostName: settings.hostName,
    serverVersion: TEMPORAL_VERSION,
    searchAttributes: searchAttributesCheck(dynamicConfig),
  });
  const health = new HealthState();
  health.set(FRONTEND_HEALTH_SERVICE, ServingStatus.SERVING);
  const reflection = reflectionService({
    // AdminService's tools bring its definitions; the public descriptors do not have them.
    services: [...servicesOf(frontend.methods), HEALTH_SERVICE].filter((name) => !name.startsWith('temporal.server.')),
    loadDescriptors: async () => (await import('../../rpc/services/descriptors.ts')).loadPublicDescriptors(),
  });
  const { host, grpcPort: port, transport } = options;
  const server = createRpcServer({
    transport,
    host,
    port,
    tls,
    methods: new Map([...frontend.methods, ...healthService(health), ...reflection]),
    limits: { keepAlive: keepAlivePolicy(dynamicConfig) },
    metrics: listenerMetrics(metrics),
    logger,
  });
  const http =
    options.http &&
    createHttpApiServer({
      host: options.http.host,
      port: options.http.port,
      tls,
      methods: frontend.methods,
      dynamicConfig,
      logger,
      serverVersion: TEMPORAL_VERSION,
    });
  const webUi =
    options.webUi &&
    createWebUiServer({ ...options.webUi, methods: frontend.methods, logger, serverVersion: TEMPORAL_VERSION });
  return {
    start: async () => {
      await namespaces.start();
      await frontend.start();
    },
    listen: async (): Promise<ListenAddress> => {
      try {
        return await server.start();
      } catch (cause) {
        throw listenError(host, port, cause);
      }
    },
    listenHttp: async (): Promise<ListenAddress | undefined> => {
      try {
        return await http?.start();
      } catch (cause) {
        throw listenError(host, options.http?.port ?? 0, cause);
      }
    },
    listenWebUi: async (): Promise<ListenAddress | undefined> => {
      try {
        return await webUi?.start();
      } catch (cause) {
        const { host = '', port = 0 } = options.webUi ?? {};
        throw listenError(host, port, cause, 'the Web UI: --ui-port takes another, --headless leaves it out');
      }
    },
    updateTls: (renewed: TlsOptions): void => {
      server.updateTls(renewed);
      http?.updateTls(renewed);
    },
    stopListening: async () => {
      health.shutDown();
      await Promise.all([server.stop(CALLS_GRACE_MS), http?.stop(CALLS_GRACE_MS), webUi?.stop(CALLS_GRACE_MS)]);
    },
    stop: () => {
      namespaces.stop();
      frontend.stop();
    },
  };
}

/** `temporal.api.workflowservice.v1.WorkflowService` and its like, from their methods' paths. */
function servicesOf(methods: MethodTable): ReadonlySet<string> {
  return new Set([...methods.keys()].map((path) => path.slice(1, path.lastIndexOf('/'))));
}
