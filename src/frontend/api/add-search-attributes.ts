// AddSearchAttributes. Main loop.

import { AddSearchAttributesRequest } from '#proto/temporal/api/operatorservice/v1';
import { operatorRpc } from '../rpc.ts';

export const addSearchAttributes = operatorRpc({
  method: 'AddSearchAttributes',
  namespaceRule: 'optional',
  read: AddSearchAttributesRequest.decode,
  handle: (_request, call) => call.toWorker('AddSearchAttributes'),
});
