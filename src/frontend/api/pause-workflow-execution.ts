// PauseWorkflowExecution: off by default, as in Temporal. Main loop.

import { PauseWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { unimplemented } from '../../proto/service-errors.ts';
import { workflowRpc } from '../rpc.ts';
import { WORKFLOW_PAUSE_ENABLED } from '../settings.ts';

export const pauseWorkflowExecution = workflowRpc({
  method: 'PauseWorkflowExecution',
  read: PauseWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    if (!call.setting(WORKFLOW_PAUSE_ENABLED)) {
      throw unimplemented(`workflow pause is not enabled for namespace: ${request.namespace}`);
    }
    return call.toHistory('PauseWorkflowExecution', request.workflowId);
  },
});
