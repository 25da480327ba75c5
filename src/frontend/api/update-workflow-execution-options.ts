// UpdateWorkflowExecutionOptions. Main loop.

import { UpdateWorkflowExecutionOptionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { workflowIdNotSet } from '../checks/execution.ts';
import { checkPriority } from '../checks/priority.ts';
import { workflowRpc } from '../rpc.ts';
import { checkOptionsPath } from './workflow-options-paths.ts';

export const updateWorkflowExecutionOptions = workflowRpc({
  method: 'UpdateWorkflowExecutionOptions',
  read: UpdateWorkflowExecutionOptionsRequest.decode,
  handle: (request, call) => {
    const workflowId = request.workflowExecution?.workflowId ?? '';
    if (workflowId === '') throw workflowIdNotSet();
    if (request.updateMask === undefined) throw invalidArgument('UpdateMask is required');
    const options = request.workflowExecutionOptions;
    if (options === undefined) throw invalidArgument('WorkflowExecutionOptions is required');
    request.updateMask.paths.forEach(checkOptionsPath);
    checkPriority(options.priority);
    return call.toHistory('UpdateWorkflowExecutionOptions', workflowId);
  },
});
