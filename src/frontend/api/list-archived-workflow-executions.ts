// ListArchivedWorkflowExecutions. Main loop.

import { ListArchivedWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { withFields } from '../changed-request.ts';
import { workflowRpc } from '../rpc.ts';
import { ARCHIVED_VISIBILITY_MAX_PAGE_SIZE } from '../settings.ts';

export const listArchivedWorkflowExecutions = workflowRpc({
  method: 'ListArchivedWorkflowExecutions',
  read: ListArchivedWorkflowExecutionsRequest.decode,
  handle: (request, call) => {
    const maxPageSize = call.setting(ARCHIVED_VISIBILITY_MAX_PAGE_SIZE);
    if (request.pageSize > maxPageSize) throw invalidArgument(`PageSize is larger than allowed ${maxPageSize}.`);
    const pageSize = request.pageSize <= 0 ? maxPageSize : undefined;
    const fields = ListArchivedWorkflowExecutionsRequest.encode({ pageSize });
    return call.toWorker('ListArchivedWorkflowExecutions', withFields(call.message, fields));
  },
});
