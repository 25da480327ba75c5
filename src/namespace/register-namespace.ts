// RegisterNamespace. Temporal 1.31 service/frontend/namespace_handler.go. Worker thread.

import { randomUUID } from 'node:crypto';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { ArchivalState, NamespaceState } from '#proto/temporal/api/enums/v1';
import type { RegisterNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument, namespaceAlreadyExists } from '../proto/service-errors.ts';
import { EMPTY_FAILOVER_VERSION, nextFailoverVersion } from './cluster-info.ts';
import { checkClusters, checkedRetention, NOT_MASTER_CLUSTER } from './namespace-checks.ts';
import type { NamespaceDomain } from './namespace-domain.ts';
import { MAX_ID_LENGTH } from './settings.ts';
import { DEFAULT_RETENTION_MS } from './system-namespace.ts';

export async function registerNamespace(
  domain: NamespaceDomain,
  request: RegisterNamespaceRequest,
): Promise<NamespaceRecord> {
  const { store, cluster, config, clock } = domain;
  const { namespace: name, isGlobalNamespace: isGlobal } = request;
  if (name === '') throw invalidArgument('Namespace not set on request.');
  if (Buffer.byteLength(name) > config.get(MAX_ID_LENGTH)) throw invalidArgument('Namespace length exceeds limit.');
  if (isGlobal && !cluster.isGlobalNamespaceEnabled) {
    throw invalidArgument('Cannot register global namespace when not enabled');
  }
  if (isGlobal && !cluster.isMaster) throw invalidArgument(NOT_MASTER_CLUSTER);
  // Differs: Temporal refuses a registration without a retention; its documents promise two days, and so do ours.
  const retention = checkedRetention(
    request.workflowExecutionRetentionPeriod ?? DEFAULT_RETENTION_MS,
    isGlobal,
    config,
  );
  if ((await store.byName(name)) !== undefined) throw alreadyExists(name);

  const activeCluster = request.activeClusterName === '' ? cluster.name : request.activeClusterName;
  const clusters = request.clusters.map(({ clusterName }) => clusterName);
  const record: NamespaceRecord = {
    id: randomUUID(),
    name,
    state: NamespaceState.REGISTERED,
    description: request.description,
    ownerEmail: request.ownerEmail,
    data: request.data,
    retention,
    // Without an archive in the cluster, what the request says of archival does not count.
    historyArchivalState: ArchivalState.DISABLED,
    historyArchivalUri: '',
    visibilityArchivalState: ArchivalState.DISABLED,
    visibilityArchivalUri: '',
    badBinaries: { binaries: new Map() },
    customSearchAttributeAliases: new Map(),
    isGlobal,
    activeCluster,
    clusters: clusters.length === 0 ? [activeCluster] : clusters,
    failoverVersion: isGlobal ? nextFailoverVersion(cluster, EMPTY_FAILOVER_VERSION) : EMPTY_FAILOVER_VERSION,
    configVersion: 0,
    notificationVersion: 0,
    deleted: false,
    createTime: clock.nowMs(),
  };
  checkClusters(record, cluster);
  if (!(await store.create(record))) throw alreadyExists(name);
  return record;
}

const alreadyExists = (name: string) => namespaceAlreadyExists(`Namespace ${JSON.stringify(name)} already exists`);
