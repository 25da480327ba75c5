// CountWorkflowExecutions. Main loop.

import { CountWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const countWorkflowExecutions = workflowRpc({
  method: 'CountWorkflowExecutions',
  read: CountWorkflowExecutionsRequest.decode,
  handle: (_request, call) => call.toWorker('CountWorkflowExecutions'),
});
