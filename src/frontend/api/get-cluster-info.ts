// GetClusterInfo. The worker knows the cluster as it is stored. Main loop.

import { GetClusterInfoRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const getClusterInfo = workflowRpc({
  method: 'GetClusterInfo',
  namespaceRule: 'none',
  read: GetClusterInfoRequest.decode,
  handle: (_request, call) => call.toWorker('GetClusterInfo'),
});
