// ListClusters. Main loop.

import { ListClustersRequest } from '#proto/temporal/api/operatorservice/v1';
import { operatorRpc } from '../rpc.ts';

export const listClusters = operatorRpc({
  method: 'ListClusters',
  namespaceRule: 'none',
  read: ListClustersRequest.decode,
  handle: (_request, call) => call.toWorker('ListClusters'),
});
