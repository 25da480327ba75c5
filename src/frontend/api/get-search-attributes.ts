// GetSearchAttributes. Main loop.

import { GetSearchAttributesRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const getSearchAttributes = workflowRpc({
  method: 'GetSearchAttributes',
  namespaceRule: 'none',
  read: GetSearchAttributesRequest.decode,
  handle: (_request, call) => call.toWorker('GetSearchAttributes'),
});
