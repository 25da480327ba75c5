// Bad calls about a workflow: signals, cancellation, reset, queries, updates, descriptions.

import { duration } from '../harness/api.ts';
import { type BadCall, UNKNOWN_RUN } from './bad-call.ts';

export const WORKFLOW_CALLS: readonly BadCall[] = [
  {
    name: 'signal without name',
    call: (s) => s.signal({ workflowId: s.id }, ''),
    code: 'INVALID_ARGUMENT',
    message: () => 'SignalName is not set on request.',
    detail: null,
  },
  {
    name: 'signal name over 1000 bytes',
    call: (s) => s.signal({ workflowId: s.id }, 'x'.repeat(1001)),
    code: 'INVALID_ARGUMENT',
    message: () => 'SignalName length exceeds limit.',
    detail: null,
  },
  {
    name: 'signal without workflow id',
    call: (s) => s.signal({ workflowId: '' }, 'x'),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId is not set on request.',
    detail: null,
  },
  {
    name: 'signal with a run id that is no UUID',
    call: (s) => s.signal({ workflowId: s.id, runId: 'no-uuid' }, 'x'),
    code: 'INVALID_ARGUMENT',
    message: () => 'Invalid RunId.',
    detail: null,
  },
  {
    name: 'signal without execution',
    call: (s) => s.service.signalWorkflowExecution({ namespace: s.namespace, signalName: 'x' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Execution is not set on request.',
    detail: null,
  },
  {
    name: 'signal to an unknown workflow',
    call: (s) => s.signal({ workflowId: s.id }, 'x'),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'signal to an unknown run',
    call: (s) => s.signal({ workflowId: s.id, runId: UNKNOWN_RUN }, 'x'),
    code: 'NOT_FOUND',
    message: (s) =>
      `workflow execution not found for workflow ID "${s.id}" and run ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'cancel of an unknown workflow',
    call: (s) => s.requestCancel({ workflowId: s.id }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'terminate without execution',
    call: (s) => s.service.terminateWorkflowExecution({ namespace: s.namespace }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Execution is not set on request.',
    detail: null,
  },
  {
    name: 'terminate of an unknown workflow',
    call: (s) => s.terminate({ workflowId: s.id }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe of an unknown workflow',
    call: (s) => s.describe({ workflowId: s.id }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe of an unknown run',
    call: (s) => s.describe({ workflowId: s.id, runId: UNKNOWN_RUN }),
    code: 'NOT_FOUND',
    message: (s) =>
      `workflow execution not found for workflow ID "${s.id}" and run ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'describe without workflow id',
    call: (s) => s.describe({ workflowId: '' }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowId is not set on request.',
    detail: null,
  },
  {
    name: 'delete of an unknown workflow',
    call: (s) => s.service.deleteWorkflowExecution({ namespace: s.namespace, workflowExecution: { workflowId: s.id } }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'reset of an unknown workflow',
    call: (s) =>
      s.service.resetWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        workflowTaskFinishEventId: 4 as never,
        requestId: 'r',
      }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'reset without request id',
    call: (s) =>
      s.service.resetWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        workflowTaskFinishEventId: 4 as never,
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'RequestId is not set on request.',
    detail: null,
  },
  {
    name: 'query without query',
    call: (s) => s.service.queryWorkflow({ namespace: s.namespace, execution: { workflowId: s.id } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'WorkflowQuery is not set on request.',
    detail: null,
  },
  {
    name: 'query without type',
    call: (s) => s.service.queryWorkflow({ namespace: s.namespace, execution: { workflowId: s.id }, query: {} }),
    code: 'INVALID_ARGUMENT',
    message: () => 'QueryType is not set on request.',
    detail: null,
  },
  {
    name: 'query of an unknown workflow',
    call: (s) =>
      s.service.queryWorkflow({ namespace: s.namespace, execution: { workflowId: s.id }, query: { queryType: 'q' } }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'update without request',
    call: (s) => s.service.updateWorkflowExecution({ namespace: s.namespace, workflowExecution: { workflowId: s.id } }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Update meta is not set on request.',
    detail: null,
  },
  {
    name: 'update without input',
    call: (s) =>
      s.service.updateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        request: { meta: { updateId: 'u' } },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Update input is not set on request.',
    detail: null,
  },
  {
    name: 'update without name',
    call: (s) =>
      s.service.updateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        request: { meta: { updateId: 'u' }, input: {} },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'Update name is not set on request.',
    detail: null,
  },
  {
    name: 'update with an id over 1000 bytes',
    call: (s) =>
      s.service.updateWorkflowExecution({
        namespace: s.namespace,
        workflowExecution: { workflowId: s.id },
        request: { meta: { updateId: 'x'.repeat(1001) }, input: { name: 'n' } },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'UpdateId length exceeds limit.',
    detail: null,
  },
  {
    name: 'pause of an activity of an unknown workflow',
    call: (s) => s.service.pauseActivity({ namespace: s.namespace, execution: { workflowId: s.id }, id: 'a' }),
    code: 'NOT_FOUND',
    message: (s) => `workflow not found for ID: ${s.id}`,
    detail: 'NotFoundFailure',
  },
  {
    name: 'closed workflows with times turned round',
    call: (s) =>
      s.service.listClosedWorkflowExecutions({
        namespace: s.namespace,
        startTimeFilter: { earliestTime: duration(9e12), latestTime: duration(1e12) },
      }),
    code: 'INVALID_ARGUMENT',
    message: () => 'EarliestTime in StartTimeFilter should not be larger than LatestTime.',
    detail: null,
  },
];
