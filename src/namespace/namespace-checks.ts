// The rules a namespace's configuration must keep. Temporal 1.31 service/frontend/namespace_handler.go and
// common/namespace/nsmanager/attr_validator.go. Pure; used by the operations of this folder.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceState, NamespaceStateNames, ReplicationState } from '#proto/temporal/api/enums/v1';
import type { UpdateNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import { invalidArgument } from '../proto/service-errors.ts';
import type { ClusterInfo } from './cluster-info.ts';
import { MIN_RETENTION_GLOBAL, MIN_RETENTION_LOCAL } from './settings.ts';

export const NOT_MASTER_CLUSTER =
  'Cluster is not master cluster, cannot do namespace registration or namespace update.';

/** Longer retentions are cut: what 250 years of nanoseconds fit into 64 bits (Temporal, timestamp/duration.go). */
const MAX_RETENTION_MS = 250 * 365 * 24 * 3600 * 1000;

/** The retention to keep. Throws for a negative or too short one. */
export function checkedRetention(retentionMs: number, isGlobal: boolean, config: DynamicConfig): number {
  const minimumMs = config.get(isGlobal ? MIN_RETENTION_GLOBAL : MIN_RETENTION_LOCAL);
  if (retentionMs < 0 || retentionMs < minimumMs) {
    throw invalidArgument('A valid retention period is not set on request.');
  }
  return Math.min(retentionMs, MAX_RETENTION_MS);
}

export function checkClusters(record: NamespaceRecord, cluster: ClusterInfo): void {
  for (const name of [record.activeCluster, ...record.clusters]) {
    if (name !== cluster.name) throw invalidArgument(`Invalid cluster name: ${name}`);
  }
  if (record.isGlobal) {
    if (!record.clusters.includes(record.activeCluster)) {
      throw invalidArgument('Active cluster is not contained in all clusters.');
    }
    return;
  }
  if (record.clusters.length !== 1) throw invalidArgument('Invalid local namespace clusters');
}

/** Registered may become deprecated or deleted, deprecated may become deleted, and nothing comes back. */
export function checkStateChange(from: NamespaceState, to: NamespaceState): void {
  const allowed =
    (from === NamespaceState.REGISTERED && (to === NamespaceState.DEPRECATED || to === NamespaceState.DELETED)) ||
    (from === NamespaceState.DEPRECATED && to === NamespaceState.DELETED);
  if (!allowed) throw invalidArgument('Invalid namespace state update.');
}

/** Handing over needs a second cluster. */
export function checkReplicationState(record: NamespaceRecord, request: UpdateNamespaceRequest): void {
  const state = request.replicationConfig?.state ?? ReplicationState.UNSPECIFIED;
  if (state === ReplicationState.UNSPECIFIED || state === ReplicationState.NORMAL) return;
  if (record.state !== NamespaceState.REGISTERED) {
    const current = NamespaceStateNames.get(record.state);
    throw invalidArgument(
      `update ReplicationState is only supported when namespace is in Registered state, current state: ${current}`,
    );
  }
  if (!record.isGlobal) throw invalidArgument('Handover can only be set for global namespace');
  throw invalidArgument('Handover require more than one replication clusters');
}
