// UpdateNamespace and DeprecateNamespace. Temporal 1.31 service/frontend/namespace_handler.go. Worker thread.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceState } from '#proto/temporal/api/enums/v1';
import type { BadBinaries, NamespaceConfig, UpdateNamespaceInfo } from '#proto/temporal/api/namespace/v1';
import type { DeprecateNamespaceRequest, UpdateNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../proto/service-errors.ts';
import { nextFailoverVersion } from './cluster-info.ts';
import {
  checkClusters,
  checkedRetention,
  checkReplicationState,
  checkStateChange,
  NOT_MASTER_CLUSTER,
} from './namespace-checks.ts';
import type { NamespaceDomain } from './namespace-domain.ts';
import { MAX_BAD_BINARIES } from './settings.ts';

/** The message tells AddSearchAttributes that another call took the field. */
export const FIELD_ALREADY_ALLOCATED = 'Custom search attribute field name already allocated.';

/** A record being changed, and what about it did change. */
interface Change {
  record: NamespaceRecord;
  configuration: boolean;
  activeCluster: boolean;
}

export async function updateNamespace(
  domain: NamespaceDomain,
  request: UpdateNamespaceRequest,
): Promise<NamespaceRecord> {
  return domain.store.update(request.namespace, (stored) => {
    const promoted = request.promoteNamespace && !stored.isGlobal;
    const change: Change = {
      record: { ...stored, isGlobal: stored.isGlobal || request.promoteNamespace },
      configuration: false,
      activeCluster: false,
    };
    if (request.updateInfo !== undefined) applyInfo(change, request.updateInfo);
    if (request.config !== undefined) applyConfig(change, request.config, domain);
    if (request.deleteBadBinary !== '') deleteBadBinary(change, request.deleteBadBinary);
    applyReplication(change, stored, request);
    return finishUpdate(change, promoted, domain);
  });
}

function applyInfo(change: Change, info: UpdateNamespaceInfo): void {
  const { record } = change;
  if (info.description !== '') {
    record.description = info.description;
    change.configuration = true;
  }
  if (info.ownerEmail !== '') {
    record.ownerEmail = info.ownerEmail;
    change.configuration = true;
  }
  if (info.data.size > 0) {
    record.data = new Map([...record.data, ...info.data]);
    change.configuration = true;
  }
  if (info.state !== NamespaceState.UNSPECIFIED && info.state !== record.state) {
    checkStateChange(record.state, info.state);
    record.state = info.state;
    change.configuration = true;
  }
}

/** What it says of archival does not count in a cluster without an archive. */
function applyConfig(change: Change, config: NamespaceConfig, domain: NamespaceDomain): void {
  const { record } = change;
  if (config.workflowExecutionRetentionTtl !== undefined) {
    record.retention = checkedRetention(config.workflowExecutionRetentionTtl, record.isGlobal, domain.config);
    change.configuration = true;
  }
  if (config.badBinaries !== undefined) {
    record.badBinaries = mergedBadBinaries(record, config.badBinaries, domain);
    // Differs: Temporal 1.31 answers the merged list but stores it only if the same request changes something else.
    change.configuration = true;
  }
  if (config.customSearchAttributeAliases.size > 0) {
    record.customSearchAttributeAliases = mergedAliases(record, config.customSearchAttributeAliases, domain);
    change.configuration = true;
  }
}

function mergedBadBinaries(record: NamespaceRecord, added: BadBinaries, domain: NamespaceDomain): BadBinaries {
  const binaries = new Map(record.badBinaries?.binaries);
  const createTime = domain.clock.nowMs();
  for (const [checksum, info] of added.binaries) binaries.set(checksum, { ...info, createTime });
  const limit = domain.config.get(MAX_BAD_BINARIES, { namespace: record.name });
  if (binaries.size > limit) throw invalidArgument(`Total resetBinaries cannot exceed the max limit: ${limit}`);
  return { binaries };
}

/** Field to alias; an empty alias frees the field. An alias that exists already stays where it is. */
function mergedAliases(
  record: NamespaceRecord,
  changes: ReadonlyMap<string, string>,
  domain: NamespaceDomain,
): Map<string, string> {
  const current = record.customSearchAttributeAliases;
  const taken = new Set(current.values());
  const merged = new Map(current);
  for (const [field, alias] of changes) {
    if (alias === '') merged.delete(field);
    else if (taken.has(alias)) {
      domain.logger.warn({ namespace: record.name, searchAttribute: alias }, 'the search attribute exists already');
    } else if (current.has(field)) throw invalidArgument(FIELD_ALREADY_ALLOCATED);
    else merged.set(field, alias);
  }
  return merged;
}

function deleteBadBinary(change: Change, checksum: string): void {
  const binaries = new Map(change.record.badBinaries?.binaries);
  if (!binaries.delete(checksum)) throw invalidArgument(`Bad binary checksum ${checksum} doesn't exists.`);
  change.record.badBinaries = { binaries };
  change.configuration = true;
}

function applyReplication(change: Change, stored: NamespaceRecord, request: UpdateNamespaceRequest): void {
  const { replicationConfig: replication } = request;
  if (replication === undefined) return;
  if (replication.clusters.length > 0) {
    change.record.clusters = replication.clusters.map(({ clusterName }) => clusterName);
    change.configuration = true;
  }
  checkReplicationState(stored, request);
  if (replication.activeClusterName !== '') {
    change.record.activeCluster = replication.activeClusterName;
    change.activeCluster = true;
  }
}

function finishUpdate(change: Change, promoted: boolean, domain: NamespaceDomain): NamespaceRecord | undefined {
  const { record, configuration, activeCluster } = change;
  checkClusters(record, domain.cluster);
  if (record.isGlobal && !domain.cluster.isGlobalNamespaceEnabled) {
    throw invalidArgument(
      'global namespace is not enabled on this cluster, cannot update global namespace or promote local namespace: ' +
        record.name,
    );
  }
  if (configuration && activeCluster && record.isGlobal) {
    throw invalidArgument('Cannot set active cluster to current cluster when other parameters are set.');
  }
  if (!configuration && !activeCluster && !promoted) return undefined;
  if ((promoted || activeCluster) && record.isGlobal) {
    record.failoverVersion = nextFailoverVersion(domain.cluster, record.failoverVersion);
  }
  if (configuration) record.configVersion++;
  return record;
}

export async function deprecateNamespace(domain: NamespaceDomain, request: DeprecateNamespaceRequest): Promise<void> {
  const { cluster, store } = domain;
  if (cluster.isGlobalNamespaceEnabled && !cluster.isMaster) throw invalidArgument(NOT_MASTER_CLUSTER);
  await store.update(request.namespace, (record) => ({
    ...record,
    state: NamespaceState.DEPRECATED,
    configVersion: record.configVersion + 1,
  }));
}
