// ListSearchAttributes. Main loop.

import { ListSearchAttributesRequest } from '#proto/temporal/api/operatorservice/v1';
import { operatorRpc } from '../rpc.ts';

export const listSearchAttributes = operatorRpc({
  method: 'ListSearchAttributes',
  namespaceRule: 'optional',
  read: ListSearchAttributesRequest.decode,
  handle: (_request, call) => call.toWorker('ListSearchAttributes'),
});
