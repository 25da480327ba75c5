// DescribeNamespace. The worker reads it from the store, so that the answer is never old. Main loop.

import { DescribeNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const describeNamespace = workflowRpc({
  method: 'DescribeNamespace',
  namespaceRule: 'nameOrId',
  read: DescribeNamespaceRequest.decode,
  handle: (_request, call) => call.toWorker('DescribeNamespace'),
});
