// DescribeWorkflowExecution. Main loop.

import { DescribeWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkExecution } from '../checks/execution.ts';
import { workflowRpc } from '../rpc.ts';

export const describeWorkflowExecution = workflowRpc({
  method: 'DescribeWorkflowExecution',
  read: DescribeWorkflowExecutionRequest.decode,
  handle: (request, call) => call.toHistory('DescribeWorkflowExecution', checkExecution(request.execution).workflowId),
});
