// RemoveSearchAttributes. Main loop.

import { RemoveSearchAttributesRequest } from '#proto/temporal/api/operatorservice/v1';
import { operatorRpc } from '../rpc.ts';

export const removeSearchAttributes = operatorRpc({
  method: 'RemoveSearchAttributes',
  namespaceRule: 'optional',
  read: RemoveSearchAttributesRequest.decode,
  handle: (_request, call) => call.toWorker('RemoveSearchAttributes'),
});
