// GetClusterInfo. Main loop.

import { GetClusterInfoRequest, GetClusterInfoResponse } from '#proto/temporal/api/workflowservice/v1';
import { SUPPORTED_CLIENTS } from '../interceptors/sdk-version.ts';
import { workflowRpc } from '../rpc.ts';

export const getClusterInfo = workflowRpc({
  method: 'GetClusterInfo',
  namespaceRule: 'none',
  read: GetClusterInfoRequest.decode,
  handle: (_request, { services }) =>
    GetClusterInfoResponse.encode({
      ...services.clusterInfo,
      supportedClients: SUPPORTED_CLIENTS,
      serverVersion: services.serverVersion,
      historyShardCount: services.shardCount,
    }),
});
