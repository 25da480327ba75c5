// GetWorkflowExecutionHistory: one page of events, or a long poll for new ones. Main loop.

import { HistoryEventFilterType } from '#proto/temporal/api/enums/v1';
import { GetWorkflowExecutionHistoryRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkExecution } from '../checks/execution.ts';
import { HISTORY_LONG_POLL } from '../quotas/method-quotas.ts';
import { workflowRpc } from '../rpc.ts';
import { historyPageSize } from './history-page-size.ts';

export const getWorkflowExecutionHistory = workflowRpc({
  method: 'GetWorkflowExecutionHistory',
  read: GetWorkflowExecutionHistoryRequest.decode,
  quotaMethod: (request) => (request.waitNewEvent ? HISTORY_LONG_POLL : 'GetWorkflowExecutionHistory'),
  waits: (request) => request.waitNewEvent,
  handle: (request, call) => {
    const { workflowId } = checkExecution(request.execution);
    const filter = request.historyEventFilterType;
    const fields = GetWorkflowExecutionHistoryRequest.encode({
      maximumPageSize: historyPageSize(call, request.maximumPageSize),
      historyEventFilterType:
        filter === HistoryEventFilterType.UNSPECIFIED ? HistoryEventFilterType.ALL_EVENT : undefined,
    });
    const changed = withFields(call.message, fields);
    return request.waitNewEvent
      ? call.toHistoryWaiting('GetWorkflowExecutionHistory', workflowId, changed)
      : call.toHistory('GetWorkflowExecutionHistory', workflowId, changed);
  },
});
