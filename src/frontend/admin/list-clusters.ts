// AdminService.ListClusters. Main loop.

import {
  ListClustersRequest as OperatorRequest,
  ListClustersResponse as OperatorResponse,
} from '#proto/temporal/api/operatorservice/v1';
import { ListClustersRequest, ListClustersResponse } from '#proto/temporal/server/api/adminservice/v1';
import { adminRpc } from '../rpc.ts';

export const listClusters = adminRpc({
  method: 'ListClusters',
  namespaceRule: 'none',
  read: ListClustersRequest.decode,
  handle: async ({ pageSize, nextPageToken }, call) => {
    const listed = await call.toWorker('ListClusters', OperatorRequest.encode({ pageSize, nextPageToken }));
    const { clusters, nextPageToken: next } = OperatorResponse.decode(listed);
    return ListClustersResponse.encode({
      clusters: clusters.map((cluster) => ({
        clusterName: cluster.clusterName,
        clusterId: cluster.clusterId,
        clusterAddress: cluster.address,
        httpAddress: cluster.httpAddress,
        initialFailoverVersion: cluster.initialFailoverVersion,
        historyShardCount: cluster.historyShardCount,
        isConnectionEnabled: cluster.isConnectionEnabled,
      })),
      nextPageToken: next,
    });
  },
});
