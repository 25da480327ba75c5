// ScanWorkflowExecutions. Main loop.

import { ScanWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { workflowRpc } from '../rpc.ts';
import { visibilityPageSize } from './visibility-page-size.ts';

export const scanWorkflowExecutions = workflowRpc({
  method: 'ScanWorkflowExecutions',
  read: ScanWorkflowExecutionsRequest.decode,
  handle: (request, call) => {
    const pageSize = visibilityPageSize(call, request.pageSize);
    return call.toWorker(
      'ScanWorkflowExecutions',
      withFields(call.message, ScanWorkflowExecutionsRequest.encode({ pageSize })),
    );
  },
});
