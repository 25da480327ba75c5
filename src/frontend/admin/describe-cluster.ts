// AdminService.DescribeCluster: the cluster as it is stored, and its members. Main loop.

import { ListClustersRequest, ListClustersResponse } from '#proto/temporal/api/operatorservice/v1';
import { GetClusterInfoRequest, GetClusterInfoResponse } from '#proto/temporal/api/workflowservice/v1';
import { DescribeClusterRequest, DescribeClusterResponse } from '#proto/temporal/server/api/adminservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import { adminRpc } from '../rpc.ts';

/** Temporal's order. Every host has all four. */
const ROLES = ['frontend', 'history', 'matching', 'worker'] as const;

export const describeCluster = adminRpc({
  method: 'DescribeCluster',
  namespaceRule: 'none',
  read: DescribeClusterRequest.decode,
  handle: async ({ clusterName }, call) => {
    const info = GetClusterInfoResponse.decode(await call.toWorker('GetClusterInfo', GetClusterInfoRequest.encode({})));
    const name = clusterName || info.clusterName;
    const { clusters } = ListClustersResponse.decode(
      await call.toWorker('ListClusters', ListClustersRequest.encode({})),
    );
    const cluster = clusters.find((candidate) => candidate.clusterName === name);
    if (cluster === undefined) throw notFound('GetClusterMetadata operation failed. Error: cluster not found');
    const members = [{ identity: call.services.hostName }];
    return DescribeClusterResponse.encode({
      supportedClients: info.supportedClients,
      serverVersion: info.serverVersion,
      membershipInfo: {
        currentHost: { identity: call.services.hostName },
        reachableMembers: [call.services.hostName],
        rings: ROLES.map((role) => ({ role, memberCount: members.length, members })),
      },
      clusterId: cluster.clusterId,
      clusterName: cluster.clusterName,
      historyShardCount: cluster.historyShardCount,
      persistenceStore: info.persistenceStore,
      visibilityStore: info.visibilityStore,
      versionInfo: info.versionInfo,
      failoverVersionIncrement: info.failoverVersionIncrement,
      initialFailoverVersion: cluster.initialFailoverVersion,
      httpAddress: cluster.httpAddress,
    });
  },
});
