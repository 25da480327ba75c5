// The worker service: namespaces, visibility and operator calls. Worker thread. `start` prepares what the first call needs; the
// handlers may be registered before.

import { RegisterNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { invariant } from '../base/invariant.ts';
import { ServiceError } from '../base/service-error.ts';
import {
  DEFAULT_RETENTION_MS,
  ensureSystemNamespace,
  type NamespaceDomain,
  NamespaceStore,
  registerNamespace,
  ThreadNamespaceRegistry,
} from '../namespace/index.ts';
import type { Handler, ServiceHandlers } from '../runtime/service.ts';
import type { WorkerMethod } from '../runtime/services.ts';
import { getClusterInfo, listClusters } from './api/clusters.ts';
import { countActivityExecutions } from './api/count-activity-executions.ts';
import { countWorkflowExecutions } from './api/count-workflow-executions.ts';
import { deleteNamespace } from './api/delete-namespace.ts';
import { listActivityExecutions } from './api/list-activity-executions.ts';
import { listArchivedWorkflowExecutions } from './api/list-archived-workflow-executions.ts';
import { listNamespaceRecords } from './api/list-namespace-records.ts';
import { listClosedWorkflowExecutions, listOpenWorkflowExecutions } from './api/list-open-and-closed.ts';
import { listWorkflowExecutions, scanWorkflowExecutions } from './api/list-workflow-executions.ts';
import {
  deprecateNamespaceHandler,
  describeNamespaceHandler,
  listNamespacesHandler,
  registerNamespaceHandler,
  updateNamespaceHandler,
} from './api/namespaces.ts';
import { recordVisibility } from './api/record-visibility.ts';
import {
  addSearchAttributes,
  getSearchAttributes,
  listSearchAttributes,
  removeSearchAttributes,
} from './api/search-attributes.ts';
import { ensureClusterId } from './cluster-document.ts';
import { createVisibilityMeter, skippedAttributesCounter } from './metrics.ts';
import { NamespaceDeleter } from './namespace-deleter.ts';
import { VisibilityWriter } from './visibility-writer.ts';
import type { WorkerContext, WorkerServiceDependencies } from './worker-context.ts';

export interface WorkerService {
  readonly handlers: ServiceHandlers<WorkerMethod>;
  /** Prepares schema, cluster id and system namespace, and takes up unfinished deletions. */
  start(): Promise<void>;
  /** Registers the namespaces that do not exist yet, with this retention (default: two days). After start. */
  ensureNamespaces(names: readonly string[], retentionMs?: number): Promise<void>;
  /** The stores stay open: their owner closes them. */
  stop(): Promise<void>;
}

export function createWorkerService(dependencies: WorkerServiceDependencies): WorkerService {
  const context = createContext(dependencies);
  const { namespaceStore, registry, deleter, domain } = context;
  let clusterId: string | undefined;
  const startedClusterId = (): string => {
    invariant(clusterId !== undefined, 'the worker service has started');
    return clusterId;
  };
  return {
    handlers: createHandlers(context, startedClusterId),
    async start() {
      const { metadataStore, visibilityStore, clock, cluster } = dependencies;
      await visibilityStore.prepareSchema({ upgrade: dependencies.upgradeSchema ?? true });
      clusterId = await ensureClusterId(metadataStore);
      await ensureSystemNamespace(namespaceStore, cluster, clock.nowMs());
      deleter.resume(await namespaceStore.changedSince(0));
      await registry.start();
    },
    ensureNamespaces: (names, retentionMs) => ensureNamespaces(domain, names, retentionMs),
    async stop() {
      registry.stop();
      deleter.stop();
    },
  };
}

function createContext(dependencies: WorkerServiceDependencies): WorkerContext {
  const { metadataStore, visibilityStore, clock, logger, metrics, dynamicConfig, router, cluster } = dependencies;
  const measure = createVisibilityMeter(metrics, clock, visibilityStore.name);
  const namespaceStore = new NamespaceStore(metadataStore, async (version) => {
    // First this thread: who added a search attribute can use it in the next call.
    await registry.refresh();
    dependencies.onNamespacesChanged(version);
  });
  const listRecords = listNamespaceRecords(namespaceStore);
  const registry = new ThreadNamespaceRegistry({
    router: localRouter(listRecords),
    clock,
    logger,
    config: dynamicConfig,
  });
  const domain: NamespaceDomain = { store: namespaceStore, cluster, config: dynamicConfig, clock, logger };
  const { historyShardCount } = dependencies;
  return {
    ...dependencies,
    namespaceStore,
    registry,
    domain,
    measure,
    writer: new VisibilityWriter({
      store: visibilityStore,
      registry,
      clock,
      logger,
      measure,
      skippedAttributes: skippedAttributesCounter(metrics),
    }),
    deleter: new NamespaceDeleter({
      namespaces: namespaceStore,
      visibility: visibilityStore,
      router,
      clock,
      logger,
      config: dynamicConfig,
      measure,
      historyShardCount,
    }),
  };
}

/** The registry of this thread asks the handler itself: a ring to one's own thread would only add a turn. */
function localRouter(listRecords: Handler) {
  const call = {
    deadlineMs: Number.POSITIVE_INFINITY,
    cancelled: false,
    onCancel() {},
  };
  return { callWorker: async (_method: WorkerMethod, request: Uint8Array) => listRecords(request, call, 0) };
}

function createHandlers(context: WorkerContext, clusterId: () => string): ServiceHandlers<WorkerMethod> {
  return {
    RegisterNamespace: registerNamespaceHandler(context),
    DescribeNamespace: describeNamespaceHandler(context),
    ListNamespaces: listNamespacesHandler(context),
    UpdateNamespace: updateNamespaceHandler(context),
    DeprecateNamespace: deprecateNamespaceHandler(context),
    DeleteNamespace: deleteNamespace(context),
    ListWorkflowExecutions: listWorkflowExecutions(context),
    ListOpenWorkflowExecutions: listOpenWorkflowExecutions(context),
    ListClosedWorkflowExecutions: listClosedWorkflowExecutions(context),
    ScanWorkflowExecutions: scanWorkflowExecutions(context),
    CountWorkflowExecutions: countWorkflowExecutions(context),
    ListArchivedWorkflowExecutions: listArchivedWorkflowExecutions(context),
    AddSearchAttributes: addSearchAttributes(context),
    RemoveSearchAttributes: removeSearchAttributes(context),
    ListSearchAttributes: listSearchAttributes(context),
    GetSearchAttributes: getSearchAttributes(),
    ListClusters: listClusters(context, clusterId),
    GetClusterInfo: getClusterInfo(context, clusterId),
    RecordVisibility: recordVisibility(context),
    ListNamespaceRecords: listNamespaceRecords(context.namespaceStore),
    ListActivityExecutions: listActivityExecutions(context),
    CountActivityExecutions: countActivityExecutions(context),
  };
}

async function ensureNamespaces(
  domain: NamespaceDomain,
  names: readonly string[],
  retentionMs = DEFAULT_RETENTION_MS,
): Promise<void> {
  for (const namespace of names) {
    if ((await domain.store.byName(namespace)) !== undefined) continue;
    const request = RegisterNamespaceRequest.encode({ namespace, workflowExecutionRetentionPeriod: retentionMs });
    try {
      await registerNamespace(domain, RegisterNamespaceRequest.decode(request));
    } catch (error) {
      const isThere =
        error instanceof ServiceError && error.is('temporal.api.errordetails.v1.NamespaceAlreadyExistsFailure');
      if (!isThere) throw error; // another host may have been first
    }
  }
}
