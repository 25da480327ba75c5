// Pauses of runs that are not there, or with values that are too long.

import { LONG, type OddCall, type Request } from './odd-call.ts';

const pauseOf =
  (rpc: 'pauseWorkflowExecution' | 'unpauseWorkflowExecution', more: Request): OddCall =>
  ({ namespace, workflowId }) => ['workflow', rpc, { namespace, workflowId, reason: 'r', requestId: 'r', ...more }];

export const runPauses: Readonly<Record<string, OddCall>> = {
  'pause of a run without id': pauseOf('pauseWorkflowExecution', { workflowId: '' }),
  'pause of a run of a long id': pauseOf('pauseWorkflowExecution', { workflowId: LONG }),
  'pause of a run of nobody': pauseOf('pauseWorkflowExecution', { workflowId: 'nobody' }),
  'unpause of a run without id': pauseOf('unpauseWorkflowExecution', { workflowId: '' }),
  'unpause of a run of nobody': pauseOf('unpauseWorkflowExecution', { workflowId: 'nobody' }),
  'unpause of a run for a long reason': pauseOf('unpauseWorkflowExecution', { reason: LONG }),
  'unpause of a run with a long request id': pauseOf('unpauseWorkflowExecution', { requestId: LONG }),
  'unpause of a run with a long identity': pauseOf('unpauseWorkflowExecution', { identity: LONG }),
};
