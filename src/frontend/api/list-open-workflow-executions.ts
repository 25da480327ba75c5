// ListOpenWorkflowExecutions. Main loop.

import { ListOpenWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { workflowRpc } from '../rpc.ts';
import { checkFilterAllowed, checkTimeFilter } from './list-filters.ts';
import { visibilityPageSize } from './visibility-page-size.ts';

export const listOpenWorkflowExecutions = workflowRpc({
  method: 'ListOpenWorkflowExecutions',
  read: ListOpenWorkflowExecutionsRequest.decode,
  handle: (request, call) => {
    const maximumPageSize = visibilityPageSize(call, request.maximumPageSize);
    checkTimeFilter(request.startTimeFilter);
    if (request.executionFilter !== undefined || request.typeFilter !== undefined) checkFilterAllowed(call);
    const fields = ListOpenWorkflowExecutionsRequest.encode({ maximumPageSize });
    return call.toWorker('ListOpenWorkflowExecutions', withFields(call.message, fields));
  },
});
