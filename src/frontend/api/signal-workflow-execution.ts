// SignalWorkflowExecution. Main loop.

import { SignalWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkBlobSize } from '../checks/blob-size.ts';
import { checkExecution } from '../checks/execution.ts';
import { checkLinks } from '../checks/links.ts';
import { checkSignalName } from '../checks/signal-name.ts';
import { checkIdLength } from '../checks/text-length.ts';
import { workflowRpc } from '../rpc.ts';

export const signalWorkflowExecution = workflowRpc({
  method: 'SignalWorkflowExecution',
  read: SignalWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    const { workflowId, runId } = checkExecution(request.workflowExecution);
    checkSignalName(call, request.signalName);
    checkIdLength(call, request.requestId, 'RequestId length exceeds limit.');
    checkLinks(call, request.links);
    checkBlobSize(call, request.input?.length ?? 0, workflowId, runId);
    return call.toHistory('SignalWorkflowExecution', workflowId);
  },
});
