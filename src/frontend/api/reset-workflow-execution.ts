// ResetWorkflowExecution. Main loop.

import { ResetReapplyType, ResetReapplyTypeNames } from '#proto/temporal/api/enums/v1';
import { ResetWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { internal, invalidArgument } from '../../proto/service-errors.ts';
import { withFields } from '../changed-request.ts';
import { checkExecution } from '../checks/execution.ts';
import { checkIdLength } from '../checks/text-length.ts';
import { workflowRpc } from '../rpc.ts';

export const resetWorkflowExecution = workflowRpc({
  method: 'ResetWorkflowExecution',
  read: ResetWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    if (request.requestId === '') throw invalidArgument('RequestId is not set on request.');
    checkIdLength(call, request.requestId, 'RequestId length exceeds limit.');
    const { workflowId } = checkExecution(request.workflowExecution);
    const reapplyType = request.resetReapplyType;
    if (!ResetReapplyTypeNames.has(reapplyType)) throw internal(`unknown reset reapply type: ${reapplyType}`);
    const fields = ResetWorkflowExecutionRequest.encode({
      resetReapplyType: reapplyType === ResetReapplyType.UNSPECIFIED ? ResetReapplyType.ALL_ELIGIBLE : undefined,
    });
    return call.toHistory('ResetWorkflowExecution', workflowId, withFields(call.message, fields));
  },
});
