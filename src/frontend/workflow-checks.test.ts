// What the frontend refuses of calls about a workflow and its activities, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import { UpdateWorkflowExecutionLifecycleStage } from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import {
  EXECUTION,
  executionRows,
  LONG,
  linkRows,
  namespaceRows,
  PAYLOADS,
  SMALL_LIMIT,
} from './testing/check-rows.ts';
import { type Row, refuses } from './testing/refuses.ts';

const { INTERNAL, PERMISSION_DENIED } = GrpcCode;

refuses(
  'SignalWorkflowExecution',
  api.SignalWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION, signalName: 'go' },
  [
    ...namespaceRows(api.SignalWorkflowExecutionRequest),
    ...executionRows('workflowExecution'),
    ...linkRows,
    { fault: 'no signal name', change: { signalName: '' }, message: 'SignalName is not set on request.' },
    { fault: 'a long signal name', change: { signalName: LONG }, message: 'SignalName length exceeds limit.' },
    { fault: 'a long request id', change: { requestId: LONG }, message: 'RequestId length exceeds limit.' },
    {
      fault: 'a large input',
      change: { input: PAYLOADS },
      settings: SMALL_LIMIT,
      message: 'Blob data size exceeds limit.',
    },
  ],
);

refuses(
  'RequestCancelWorkflowExecution',
  api.RequestCancelWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION },
  [...namespaceRows(api.RequestCancelWorkflowExecutionRequest), ...executionRows('workflowExecution'), ...linkRows],
);
refuses(
  'TerminateWorkflowExecution',
  api.TerminateWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION },
  [...namespaceRows(api.TerminateWorkflowExecutionRequest), ...executionRows('workflowExecution'), ...linkRows],
);
refuses(
  'DeleteWorkflowExecution',
  api.DeleteWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION },
  [...namespaceRows(api.DeleteWorkflowExecutionRequest), ...executionRows('workflowExecution')],
);
refuses(
  'ResetWorkflowExecution',
  api.ResetWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION, requestId: 'r' },
  [
    ...namespaceRows(api.ResetWorkflowExecutionRequest),
    ...executionRows('workflowExecution'),
    { fault: 'no request id', change: { requestId: '' }, message: 'RequestId is not set on request.' },
    { fault: 'a long request id', change: { requestId: LONG }, message: 'RequestId length exceeds limit.' },
    {
      fault: 'an unknown reapply type',
      change: { resetReapplyType: 99 },
      settings: { 'frontend.maskInternalErrorDetails': false },
      message: 'unknown reset reapply type: 99',
      code: INTERNAL,
    },
  ],
);
refuses(
  'DescribeWorkflowExecution',
  api.DescribeWorkflowExecutionRequest,
  { namespace: 'default', execution: EXECUTION },
  [...namespaceRows(api.DescribeWorkflowExecutionRequest), ...executionRows('execution')],
);
refuses(
  'GetWorkflowExecutionHistory',
  api.GetWorkflowExecutionHistoryRequest,
  { namespace: 'default', execution: EXECUTION },
  [...namespaceRows(api.GetWorkflowExecutionHistoryRequest), ...executionRows('execution')],
);
refuses(
  'GetWorkflowExecutionHistoryReverse',
  api.GetWorkflowExecutionHistoryReverseRequest,
  { namespace: 'default', execution: EXECUTION },
  [...namespaceRows(api.GetWorkflowExecutionHistoryReverseRequest), ...executionRows('execution')],
);
refuses('ResetStickyTaskQueue', api.ResetStickyTaskQueueRequest, { namespace: 'default', execution: EXECUTION }, [
  ...namespaceRows(api.ResetStickyTaskQueueRequest),
  ...executionRows('execution'),
]);
refuses(
  'QueryWorkflow',
  api.QueryWorkflowRequest,
  { namespace: 'default', execution: EXECUTION, query: { queryType: 'state' } },
  [
    ...namespaceRows(api.QueryWorkflowRequest),
    ...executionRows('execution'),
    { fault: 'no query', change: { query: undefined }, message: 'WorkflowQuery is not set on request.' },
    { fault: 'no query type', change: { query: {} }, message: 'QueryType is not set on request.' },
    {
      fault: 'large arguments',
      change: { query: { queryType: 'state', queryArgs: PAYLOADS } },
      settings: SMALL_LIMIT,
      message: 'Blob data size exceeds limit.',
    },
    {
      fault: 'queries switched off',
      change: {},
      settings: { 'system.disallowQuery': true },
      message: 'Namespace is not allowed to query, please contact temporal team to re-enable queries.',
    },
  ],
);

const UPDATE_REQUEST = { meta: { updateId: 'u' }, input: { name: 'add' } };
refuses(
  'UpdateWorkflowExecution',
  api.UpdateWorkflowExecutionRequest,
  { namespace: 'default', workflowExecution: EXECUTION, request: UPDATE_REQUEST },
  [
    ...namespaceRows(api.UpdateWorkflowExecutionRequest),
    ...executionRows('workflowExecution'),
    { fault: 'no request', change: { request: undefined }, message: 'Update meta is not set on request.' },
    {
      fault: 'a long update id',
      change: { request: { ...UPDATE_REQUEST, meta: { updateId: LONG } } },
      message: 'UpdateId length exceeds limit.',
    },
    {
      fault: 'no input',
      change: { request: { meta: { updateId: 'u' } } },
      message: 'Update input is not set on request.',
    },
    {
      fault: 'no name',
      change: { request: { meta: { updateId: 'u' }, input: {} } },
      message: 'Update name is not set on request.',
    },
    {
      fault: 'waiting for admitted',
      change: { waitPolicy: { lifecycleStage: UpdateWorkflowExecutionLifecycleStage.ADMITTED } },
      message: 'UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.',
      code: PERMISSION_DENIED,
    },
    {
      fault: 'waiting for accepted, switched off',
      change: { waitPolicy: { lifecycleStage: UpdateWorkflowExecutionLifecycleStage.ACCEPTED } },
      settings: { 'frontend.enableUpdateWorkflowExecutionAsyncAccepted': false },
      message:
        'UpdateWorkflowExecution issued asynchronously and waiting on update accepted is disabled on this namespace.',
      code: PERMISSION_DENIED,
    },
    {
      fault: 'updates switched off',
      change: {},
      settings: { 'frontend.enableUpdateWorkflowExecution': false },
      message: 'UpdateWorkflowExecution operation is disabled on this namespace.',
      code: PERMISSION_DENIED,
    },
  ],
);
refuses(
  'PollWorkflowExecutionUpdate',
  api.PollWorkflowExecutionUpdateRequest,
  { namespace: 'default', updateRef: { workflowExecution: EXECUTION, updateId: 'u' } },
  [
    ...namespaceRows(api.PollWorkflowExecutionUpdateRequest),
    { fault: 'no reference', change: { updateRef: undefined }, message: 'UpdateRef is not set on request.' },
  ],
);

const activityRows: readonly Row[] = [
  { fault: 'no execution', change: { execution: undefined }, message: 'WorkflowId is not set on request.' },
  {
    fault: 'no activity',
    change: { id: undefined },
    message: 'Either Activity.Id or Activity.Type should be set on request.',
  },
];
for (const [method, codec] of [
  ['PauseActivity', api.PauseActivityRequest],
  ['UnpauseActivity', api.UnpauseActivityRequest],
  ['ResetActivity', api.ResetActivityRequest],
  ['UpdateActivityOptions', api.UpdateActivityOptionsRequest],
] as const) {
  refuses<object>(method, codec, { namespace: 'default', execution: EXECUTION, id: 'a' }, [
    ...namespaceRows(codec),
    ...activityRows,
  ]);
}

refuses(
  'UpdateWorkflowExecutionOptions',
  api.UpdateWorkflowExecutionOptionsRequest,
  {
    namespace: 'default',
    workflowExecution: EXECUTION,
    workflowExecutionOptions: {},
    updateMask: { paths: ['versioning_override'] },
  },
  [
    ...namespaceRows(api.UpdateWorkflowExecutionOptionsRequest),
    { fault: 'no execution', change: { workflowExecution: undefined }, message: 'WorkflowId is not set on request.' },
    { fault: 'no mask', change: { updateMask: undefined }, message: 'UpdateMask is required' },
    {
      fault: 'no options',
      change: { workflowExecutionOptions: undefined },
      message: 'WorkflowExecutionOptions is required',
    },
    {
      fault: 'an unknown path',
      change: { updateMask: { paths: ['priority', 'color'] } },
      message:
        'error parsing UpdateMask: proto: invalid path "color" for message "temporal.api.workflow.v1.WorkflowExecutionOptions"',
    },
  ],
);
