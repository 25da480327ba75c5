// DeprecateNamespace. Main loop.

import { DeprecateNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const deprecateNamespace = workflowRpc({
  method: 'DeprecateNamespace',
  read: DeprecateNamespaceRequest.decode,
  handle: (_request, call) => call.toWorker('DeprecateNamespace'),
});
