// DeleteNamespace. Main loop.

import { DeleteNamespaceRequest } from '#proto/temporal/api/operatorservice/v1';
import { operatorRpc } from '../rpc.ts';

export const deleteNamespace = operatorRpc({
  method: 'DeleteNamespace',
  namespaceRule: 'nameXorId',
  read: DeleteNamespaceRequest.decode,
  handle: (_request, call) => call.toWorker('DeleteNamespace'),
});
