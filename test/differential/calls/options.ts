// Options of activities and runs that the mask names and the request leaves out.

import { activityOperation } from './activity-operations.ts';
import { type OddCall, of } from './odd-call.ts';

export const options: Readonly<Record<string, OddCall>> = {
  'activity options without options': activityOperation('updateActivityOptions', {
    id: 'a0',
    updateMask: { paths: ['priority'] },
  }),
  'activity options of a task queue that is not given': activityOperation('updateActivityOptions', {
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['task_queue.name'] },
  }),
  'activity options of a retry policy that is not given': activityOperation('updateActivityOptions', {
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['retry_policy.maximum_attempts'] },
  }),
  'activity options of a priority that is not given': activityOperation('updateActivityOptions', {
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['priority.priority_key'] },
  }),
  'activity options of nobody': activityOperation('updateActivityOptions', {
    execution: { workflowId: 'nobody' },
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['priority'] },
  }),
  'unpause of nobody': activityOperation('unpauseActivity', { execution: { workflowId: 'nobody' }, id: 'a' }),
  'activity reset of nobody': activityOperation('resetActivity', { execution: { workflowId: 'nobody' }, id: 'a' }),
  'unpause of all of nobody': activityOperation('unpauseActivity', {
    execution: { workflowId: 'nobody' },
    unpauseAll: true,
  }),
  'options of a priority that is not given': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: {},
    updateMask: { paths: ['priority.priority_key'] },
  }),
  'options with a negative priority': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { priority: { priorityKey: -1 } },
    updateMask: { paths: ['priority'] },
  }),
  'options without options': of('updateWorkflowExecutionOptions', { updateMask: { paths: ['priority'] } }),
  'options of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'updateWorkflowExecutionOptions',
    {
      namespace,
      workflowExecution: { workflowId, runId: 'no-uuid' },
      workflowExecutionOptions: {},
      updateMask: { paths: ['priority'] },
    },
  ],
};
