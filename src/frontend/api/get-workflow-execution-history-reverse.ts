// GetWorkflowExecutionHistoryReverse. Main loop.

import { GetWorkflowExecutionHistoryReverseRequest } from '#proto/temporal/api/workflowservice/v1';
import { withFields } from '../changed-request.ts';
import { checkExecution } from '../checks/execution.ts';
import { workflowRpc } from '../rpc.ts';
import { historyPageSize } from './history-page-size.ts';

export const getWorkflowExecutionHistoryReverse = workflowRpc({
  method: 'GetWorkflowExecutionHistoryReverse',
  read: GetWorkflowExecutionHistoryReverseRequest.decode,
  handle: (request, call) => {
    const { workflowId } = checkExecution(request.execution);
    const fields = GetWorkflowExecutionHistoryReverseRequest.encode({
      maximumPageSize: historyPageSize(call, request.maximumPageSize),
    });
    return call.toHistory('GetWorkflowExecutionHistoryReverse', workflowId, withFields(call.message, fields));
  },
});
