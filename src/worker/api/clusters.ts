// GetClusterInfo and OperatorService.ListClusters.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import { ListClustersRequest, ListClustersResponse } from '#proto/temporal/api/operatorservice/v1';
import { GetClusterInfoResponse } from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { SERVER_VERSION, SUPPORTED_CLIENTS } from '../server-version.ts';
import type { WorkerServiceDependencies } from '../worker-context.ts';

/** `clusterId` once the worker thread has started. */
export function getClusterInfo(dependencies: WorkerServiceDependencies, clusterId: () => string): Handler {
  const { cluster, historyShardCount, persistenceStoreName, visibilityStore } = dependencies;
  return () =>
    GetClusterInfoResponse.encode({
      supportedClients: SUPPORTED_CLIENTS,
      serverVersion: SERVER_VERSION,
      clusterId: clusterId(),
      clusterName: cluster.name,
      historyShardCount,
      persistenceStore: persistenceStoreName,
      visibilityStore: visibilityStore.name,
      initialFailoverVersion: cluster.initialFailoverVersion,
      failoverVersionIncrement: cluster.failoverVersionIncrement,
    });
}

/** One cluster, this one: a single page. */
export function listClusters(dependencies: WorkerServiceDependencies, clusterId: () => string): Handler {
  const { cluster, historyShardCount } = dependencies;
  return (bytes) => {
    const { nextPageToken } = ListClustersRequest.decode(ApiRequest.decode(bytes).request);
    if (nextPageToken.length > 0) return ListClustersResponse.encode({});
    return ListClustersResponse.encode({
      clusters: [
        {
          clusterName: cluster.name,
          clusterId: clusterId(),
          address: cluster.rpcAddress,
          httpAddress: cluster.httpAddress,
          initialFailoverVersion: cluster.initialFailoverVersion,
          historyShardCount,
          isConnectionEnabled: true,
        },
      ],
    });
  };
}
