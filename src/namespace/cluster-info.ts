// What this cluster is called and how it numbers failovers. Temporal 1.31 common/cluster/metadata.go. Any thread.

export interface ClusterInfo {
  /** `active` unless configured. */
  readonly name: string;
  readonly initialFailoverVersion: number;
  /** Apart by this are the failover versions of one cluster; more than there will ever be clusters. */
  readonly failoverVersionIncrement: number;
  readonly isGlobalNamespaceEnabled: boolean;
  /** Only the master registers global namespaces. */
  readonly isMaster: boolean;
  /** Host and port that other clusters reach the frontend by. */
  readonly rpcAddress: string;
  readonly httpAddress: string;
}

/** Namespaces of one cluster carry this failover version. */
export const EMPTY_FAILOVER_VERSION = 0;

/** The smallest version of this cluster that is not below `current`. */
export function nextFailoverVersion(cluster: ClusterInfo, current: number): number {
  const { initialFailoverVersion: initial, failoverVersionIncrement: increment } = cluster;
  const next = Math.floor(current / increment) * increment + initial;
  return next < current ? next + increment : next;
}
