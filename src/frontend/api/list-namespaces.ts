// ListNamespaces. Main loop.

import { ListNamespacesRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const listNamespaces = workflowRpc({
  method: 'ListNamespaces',
  namespaceRule: 'none',
  read: ListNamespacesRequest.decode,
  handle: (_request, call) => call.toWorker('ListNamespaces'),
});
