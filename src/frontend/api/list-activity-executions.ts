// ListActivityExecutions. Main loop.

import { ListActivityExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkStandaloneActivitiesEnabled } from '../checks/activity-execution.ts';
import { workflowRpc } from '../rpc.ts';
import { visibilityPageSize } from './visibility-page-size.ts';

export const listActivityExecutions = workflowRpc({
  method: 'ListActivityExecutions',
  read: ListActivityExecutionsRequest.decode,
  handle: (request, call) => {
    checkStandaloneActivitiesEnabled(call);
    const pageSize = visibilityPageSize(call, request.pageSize);
    const changed = withFields(call.message, ListActivityExecutionsRequest.encode({ pageSize }));
    return call.toWorker('ListActivityExecutions', changed);
  },
});
