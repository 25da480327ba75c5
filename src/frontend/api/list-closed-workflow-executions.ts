// ListClosedWorkflowExecutions. Main loop.

import { WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import { ListClosedWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { withFields } from '../changed-request.ts';
import { workflowRpc } from '../rpc.ts';
import { checkFilterAllowed, checkTimeFilter } from './list-filters.ts';
import { visibilityPageSize } from './visibility-page-size.ts';

const NOT_CLOSED: readonly number[] = [WorkflowExecutionStatus.UNSPECIFIED, WorkflowExecutionStatus.RUNNING];

export const listClosedWorkflowExecutions = workflowRpc({
  method: 'ListClosedWorkflowExecutions',
  read: ListClosedWorkflowExecutionsRequest.decode,
  handle: (request, call) => {
    const maximumPageSize = visibilityPageSize(call, request.maximumPageSize);
    checkTimeFilter(request.startTimeFilter);
    const { executionFilter, typeFilter, statusFilter } = request;
    if (executionFilter !== undefined || typeFilter !== undefined) {
      checkFilterAllowed(call);
    } else if (statusFilter !== undefined) {
      checkFilterAllowed(call);
      if (NOT_CLOSED.includes(statusFilter.status)) {
        throw invalidArgument('StatusFilter must be specified and must be not Running.');
      }
    }
    const fields = ListClosedWorkflowExecutionsRequest.encode({ maximumPageSize });
    return call.toWorker('ListClosedWorkflowExecutions', withFields(call.message, fields));
  },
});
