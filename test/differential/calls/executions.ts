// Calls about one run, or none.

import { bytesOf, payloads } from '../../end-to-end/harness/api.ts';
import { LONG, type OddCall, of, UNKNOWN_RUN, workflow } from './odd-call.ts';

export const executions: Readonly<Record<string, OddCall>> = {
  'signal of no execution': workflow('signalWorkflowExecution', { signalName: 's' }),
  'signal without id': of('signalWorkflowExecution', { workflowExecution: { workflowId: '' }, signalName: 's' }),
  'signal of a long id': of('signalWorkflowExecution', { workflowExecution: { workflowId: LONG }, signalName: 's' }),
  'signal with a long request id': of('signalWorkflowExecution', { signalName: 's', requestId: LONG }),
  'signal with a large input': of('signalWorkflowExecution', {
    signalName: 's',
    input: payloads('x'.repeat(2_100_000)),
  }),
  'signal with a bad link': of('signalWorkflowExecution', { signalName: 's', links: [{}] }),
  'signal of no request': ({ workflowId }) => [
    'workflow',
    'signalWorkflowExecution',
    { workflowExecution: { workflowId } },
  ],
  'cancel of no execution': workflow('requestCancelWorkflowExecution'),
  'cancel of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'requestCancelWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' } },
  ],
  'cancel of a bad first run': of('requestCancelWorkflowExecution', { firstExecutionRunId: 'no-uuid' }),
  'cancel of another first run': of('requestCancelWorkflowExecution', { firstExecutionRunId: UNKNOWN_RUN }),
  'cancel with a bad link': of('requestCancelWorkflowExecution', { links: [{ batchJob: {} }] }),
  'terminate of no execution': workflow('terminateWorkflowExecution'),
  'terminate of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'terminateWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' } },
  ],
  'terminate of a bad first run': of('terminateWorkflowExecution', { firstExecutionRunId: 'no-uuid' }),
  'terminate of another first run': of('terminateWorkflowExecution', { firstExecutionRunId: UNKNOWN_RUN }),
  'delete of no execution': workflow('deleteWorkflowExecution'),
  'delete without id': of('deleteWorkflowExecution', { workflowExecution: {} }),
  'delete of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'deleteWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' } },
  ],
  'delete of an unknown one': of('deleteWorkflowExecution', { workflowExecution: { workflowId: 'nobody' } }),
  'describe of no execution': workflow('describeWorkflowExecution'),
  'describe without id': of('describeWorkflowExecution', { execution: {} }),
  'describe of a long id': of('describeWorkflowExecution', { execution: { workflowId: LONG } }),
  'describe of an unknown one': of('describeWorkflowExecution', { execution: { workflowId: 'nobody' } }),
  'describe of an unknown run': ({ namespace, workflowId }) => [
    'workflow',
    'describeWorkflowExecution',
    { namespace, execution: { workflowId, runId: UNKNOWN_RUN } },
  ],
  'describe of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'describeWorkflowExecution',
    { namespace, execution: { workflowId, runId: 'no-uuid' } },
  ],
  'describe in an unknown namespace': ({ workflowId }) => [
    'workflow',
    'describeWorkflowExecution',
    { namespace: 'nobody', execution: { workflowId } },
  ],
  'history of no execution': workflow('getWorkflowExecutionHistory'),
  'history without id': of('getWorkflowExecutionHistory', { execution: {} }),
  'history of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'getWorkflowExecutionHistory',
    { namespace, execution: { workflowId, runId: 'no-uuid' } },
  ],
  'history with a negative page': of('getWorkflowExecutionHistory', { maximumPageSize: -1 }, 'execution'),
  'history with garbage as token': of('getWorkflowExecutionHistory', { nextPageToken: bytesOf('x') }, 'execution'),
  'reverse history of no execution': workflow('getWorkflowExecutionHistoryReverse'),
  'reverse history with a negative page': of(
    'getWorkflowExecutionHistoryReverse',
    { maximumPageSize: -1 },
    'execution',
  ),
  'reverse history of an unknown one': of('getWorkflowExecutionHistoryReverse', {
    execution: { workflowId: 'nobody' },
  }),
  'reverse history with garbage as token': of(
    'getWorkflowExecutionHistoryReverse',
    { nextPageToken: bytesOf('x') },
    'execution',
  ),
  'reset of no execution': workflow('resetWorkflowExecution', { workflowTaskFinishEventId: 4, requestId: 'r' }),
  'reset to a negative event': of('resetWorkflowExecution', { workflowTaskFinishEventId: -4, requestId: 'r' }),
  'reset to a far event': of('resetWorkflowExecution', { workflowTaskFinishEventId: 9_999, requestId: 'r' }),
  'reset of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'resetWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' }, workflowTaskFinishEventId: 4, requestId: 'r' },
  ],
  'reset with both ways to reapply': of('resetWorkflowExecution', {
    workflowTaskFinishEventId: 9_999,
    resetReapplyType: 99,
    resetReapplyExcludeTypes: [99],
    requestId: 'r',
  }),
  'reset with a bad operation after': of('resetWorkflowExecution', {
    workflowTaskFinishEventId: 4,
    requestId: 'r',
    postResetOperations: [{}],
  }),
  'query without query': of('queryWorkflow', {}, 'execution'),
  'query without execution': workflow('queryWorkflow', { query: { queryType: 'q' } }),
  'query without id': of('queryWorkflow', { execution: {}, query: { queryType: 'q' } }),
  'query of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'queryWorkflow',
    { namespace, execution: { workflowId, runId: 'no-uuid' }, query: { queryType: 'q' } },
  ],
  'query of an unknown run': ({ namespace, workflowId }) => [
    'workflow',
    'queryWorkflow',
    { namespace, execution: { workflowId, runId: UNKNOWN_RUN }, query: { queryType: 'q' } },
  ],
  'reset sticky without execution': workflow('resetStickyTaskQueue'),
  'reset sticky of an unknown one': of('resetStickyTaskQueue', { execution: { workflowId: 'nobody' } }),
  'update without request': of('updateWorkflowExecution'),
  'update without execution': workflow('updateWorkflowExecution', { request: { input: { name: 'u' } } }),
  'update without input': of('updateWorkflowExecution', { request: { meta: { updateId: 'u' } } }),
  'update without meta': of('updateWorkflowExecution', {
    request: { input: { name: '' } },
    waitPolicy: { lifecycleStage: 3 },
  }),
  'update waiting for admission': of('updateWorkflowExecution', {
    request: { meta: { updateId: 'never' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 1 },
  }),
  'update waiting for an unknown stage': of('updateWorkflowExecution', {
    request: { meta: { updateId: 'never' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 99 },
  }),
  'update of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'updateWorkflowExecution',
    {
      namespace,
      workflowExecution: { workflowId, runId: 'no-uuid' },
      request: { meta: { updateId: 'u' }, input: { name: 'u' } },
    },
  ],
  'update of another first run': of('updateWorkflowExecution', {
    firstExecutionRunId: UNKNOWN_RUN,
    request: { meta: { updateId: 'never' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 3 },
  }),
  'poll of no update': workflow('pollWorkflowExecutionUpdate'),
  'poll of an unknown update': ({ namespace, workflowId }) => [
    'workflow',
    'pollWorkflowExecutionUpdate',
    { namespace, updateRef: { workflowExecution: { workflowId }, updateId: 'nobody' } },
  ],
  'poll of an update waiting for admission': ({ namespace, workflowId }) => [
    'workflow',
    'pollWorkflowExecutionUpdate',
    {
      namespace,
      updateRef: { workflowExecution: { workflowId }, updateId: 'nobody' },
      waitPolicy: { lifecycleStage: 1 },
    },
  ],
  'poll of an update of nobody': ({ namespace }) => [
    'workflow',
    'pollWorkflowExecutionUpdate',
    { namespace, updateRef: { workflowExecution: { workflowId: 'nobody' }, updateId: 'u' } },
  ],
  'options without mask': of('updateWorkflowExecutionOptions'),
  'options with a bad mask': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: {},
    updateMask: { paths: ['nonsense'] },
  }),
  'options with a bad override': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { versioningOverride: { pinned: {} } },
    updateMask: { paths: ['versioning_override'] },
  }),
  'options of nobody': of('updateWorkflowExecutionOptions', {
    workflowExecution: { workflowId: 'nobody' },
    workflowExecutionOptions: {},
    updateMask: { paths: ['versioning_override'] },
  }),
  'options without execution': workflow('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: {},
    updateMask: { paths: ['versioning_override'] },
  }),
};
