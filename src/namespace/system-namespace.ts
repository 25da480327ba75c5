// The namespaces that exist from the start: the system's own, and those that start-dev is told to make. Worker thread, before it
// serves.

import { ArchivalState, NamespaceState } from '#proto/temporal/api/enums/v1';
import type { ClusterInfo } from './cluster-info.ts';
import type { NamespaceStore } from './namespace-store.ts';

export const SYSTEM_NAMESPACE_NAME = 'temporal-system';
/** Temporal 1.31 common/primitives/namespaces.go, like the retention. */
export const SYSTEM_NAMESPACE_ID = '32049b68-7872-4094-8e63-d0dd59896a83';
const SYSTEM_RETENTION_MS = 7 * 24 * 3600 * 1000;

/** What a namespace registered without a retention keeps its closed workflows for (Temporal's documents). */
export const DEFAULT_RETENTION_MS = 2 * 24 * 3600 * 1000;

export async function ensureSystemNamespace(store: NamespaceStore, cluster: ClusterInfo, nowMs: number): Promise<void> {
  if ((await store.byId(SYSTEM_NAMESPACE_ID)) !== undefined) return;
  // Another host may be first: then create answers false and there is nothing left to do.
  await store.create({
    id: SYSTEM_NAMESPACE_ID,
    name: SYSTEM_NAMESPACE_NAME,
    state: NamespaceState.REGISTERED,
    description: 'Temporal internal system namespace',
    ownerEmail: 'temporal-core@temporal.io',
    retention: SYSTEM_RETENTION_MS,
    historyArchivalState: ArchivalState.DISABLED,
    visibilityArchivalState: ArchivalState.DISABLED,
    activeCluster: cluster.name,
    clusters: [cluster.name],
    createTime: nowMs,
  });
}
