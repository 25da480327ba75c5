// UpdateNamespace. Main loop.

import { UpdateNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const updateNamespace = workflowRpc({
  method: 'UpdateNamespace',
  read: UpdateNamespaceRequest.decode,
  handle: (_request, call) => call.toWorker('UpdateNamespace'),
});
