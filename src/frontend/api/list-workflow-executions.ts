// ListWorkflowExecutions. Main loop.

import { ListWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { workflowRpc } from '../rpc.ts';
import { visibilityPageSize } from './visibility-page-size.ts';

export const listWorkflowExecutions = workflowRpc({
  method: 'ListWorkflowExecutions',
  read: ListWorkflowExecutionsRequest.decode,
  handle: (request, call) => {
    const pageSize = visibilityPageSize(call, request.pageSize);
    return call.toWorker(
      'ListWorkflowExecutions',
      withFields(call.message, ListWorkflowExecutionsRequest.encode({ pageSize })),
    );
  },
});
