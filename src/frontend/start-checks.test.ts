// What the frontend refuses of starts, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { LONG, linkRows, namespaceRows, PAYLOADS, SMALL_LIMIT } from './testing/check-rows.ts';
import { type Row, refuses } from './testing/refuses.ts';

const { UNIMPLEMENTED } = GrpcCode;

/** 334 characters of three bytes each: longer than the limit in bytes only. */
const LONG_IN_BYTES = '日'.repeat(334);

const retryRows: readonly Row[] = [
  {
    fault: 'a negative initial interval',
    change: { retryPolicy: { initialInterval: -1 } },
    message: 'invalid InitialInterval set on retry policy: negative duration',
  },
  {
    fault: 'a small backoff coefficient',
    change: { retryPolicy: { backoffCoefficient: 0.5 } },
    message: 'BackoffCoefficient cannot be less than 1 on retry policy.',
  },
  {
    fault: 'a negative maximum interval',
    change: { retryPolicy: { maximumInterval: -5 } },
    message: 'invalid MaximumInterval set on retry policy: negative duration',
  },
  {
    fault: 'a maximum below the initial interval',
    change: { retryPolicy: { initialInterval: 10_000, maximumInterval: 5000 } },
    message: 'MaximumInterval cannot be less than InitialInterval on retry policy.',
  },
  {
    fault: 'negative attempts',
    change: { retryPolicy: { maximumAttempts: -1 } },
    message: 'MaximumAttempts cannot be negative on retry policy.',
  },
  {
    fault: 'an unknown timeout type',
    change: { retryPolicy: { nonRetryableErrorTypes: ['TemporalTimeout:Lunch'] } },
    message: 'Invalid timeout type value: Lunch.',
  },
];

const timeoutRows: readonly Row[] = [
  ['workflowExecutionTimeout', 'WorkflowExecutionTimeoutSeconds'],
  ['workflowRunTimeout', 'WorkflowRunTimeoutSeconds'],
  ['workflowTaskTimeout', 'WorkflowTaskTimeoutSeconds'],
  ['workflowStartDelay', 'WorkflowStartDelaySeconds'],
].map(([field, name]) => ({
  fault: `a negative ${field}`,
  change: { [field as string]: -1000 },
  message: `An invalid ${name} is set on request. cause: negative duration`,
}));

const startRows: readonly Row[] = [
  { fault: 'no workflow id', change: { workflowId: '' }, message: 'WorkflowId is not set on request.' },
  { fault: 'a long workflow id', change: { workflowId: LONG }, message: 'WorkflowId length exceeds limit.' },
  {
    fault: 'a workflow id long in bytes',
    change: { workflowId: LONG_IN_BYTES },
    message: 'WorkflowId length exceeds limit.',
  },
  { fault: 'no workflow type', change: { workflowType: undefined }, message: 'WorkflowType is not set on request.' },
  { fault: 'an empty workflow type', change: { workflowType: {} }, message: 'WorkflowType is not set on request.' },
  {
    fault: 'a long workflow type',
    change: { workflowType: { name: LONG } },
    message: 'WorkflowType length exceeds limit.',
  },
  { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  { fault: 'an empty task queue', change: { taskQueue: {} }, message: 'missing task queue name' },
  { fault: 'a long task queue', change: { taskQueue: { name: LONG } }, message: 'taskQueue length exceeds limit' },
  {
    fault: 'a partition as task queue',
    change: { taskQueue: { name: '/_sys/q/1' } },
    message: 'task queue name cannot start with reserved prefix /_sys/',
  },
  {
    fault: "the server's own task queue",
    change: { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
    message: 'cannot use internal per-namespace task queue:temporal-sys-per-ns-tq',
  },
  { fault: 'a long request id', change: { requestId: LONG }, message: 'RequestId length exceeds limit.' },
  {
    fault: 'cron and start delay',
    change: { cronSchedule: '* * * * *', workflowStartDelay: 1000 },
    message: 'CronSchedule and WorkflowStartDelay may not be used together.',
  },
  { fault: 'a bad cron schedule', change: { cronSchedule: 'every day' }, message: 'invalid CronSchedule.' },
  {
    fault: 'a cron schedule that never comes',
    change: { cronSchedule: '0 0 31 2 *' },
    message: 'invalid CronSchedule, no time can be found to satisfy the schedule',
  },
  {
    fault: 'terminate-if-running with a conflict policy',
    change: {
      workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    },
    message:
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy',
  },
  {
    fault: 'reject-duplicate with terminate-existing',
    change: {
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING,
    },
    message:
      'Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING',
  },
  {
    fault: 'a negative priority key',
    change: { priority: { priorityKey: -1 } },
    message: "priority key can't be negative",
  },
  {
    fault: 'a long fairness key',
    change: { priority: { fairnessKey: 'k'.repeat(65) } },
    message: 'fairness key length exceeds limit',
  },
  {
    fault: 'a negative fairness weight',
    change: { priority: { fairnessWeight: -1 } },
    message: 'must be greater than zero',
  },
  {
    fault: 'a large input',
    change: { input: PAYLOADS },
    settings: SMALL_LIMIT,
    message: 'Blob data size exceeds limit.',
  },
  {
    fault: 'a large memo',
    change: { memo: PAYLOADS },
    settings: { 'limit.memoSize.error': 11 },
    message: 'Memo size exceeds limit.',
  },
  ...retryRows,
  ...timeoutRows,
  ...linkRows,
];

const START = {
  namespace: 'default',
  workflowId: 'order-1',
  workflowType: { name: 'Order' },
  taskQueue: { name: 'orders' },
  requestId: 'request-1',
};

const callback = (url: string, header: ReadonlyMap<string, string> = new Map()) => ({ nexus: { url, header } });

refuses('StartWorkflowExecution', api.StartWorkflowExecutionRequest, START, [
  ...namespaceRows(api.StartWorkflowExecutionRequest),
  ...startRows,
  {
    fault: 'callbacks attached without request id',
    change: { onConflictOptions: { attachCompletionCallbacks: true } },
    message: 'attaching request ID is required for attaching completion callbacks',
  },
  {
    fault: 'too many callbacks',
    change: { completionCallbacks: Array.from({ length: 33 }, () => callback('temporal://system')) },
    message: 'cannot attach more than 32 callbacks to a workflow',
  },
  {
    fault: 'a callback of no kind',
    change: { completionCallbacks: [{}] },
    message: 'unknown callback variant: <nil>',
    code: UNIMPLEMENTED,
  },
  {
    fault: 'a long callback address',
    change: { completionCallbacks: [callback(`http://${LONG}`)] },
    message: 'invalid url: url length longer than max length allowed of 1000',
  },
  {
    fault: 'a callback to another scheme',
    change: { completionCallbacks: [callback('ftp://host/x')] },
    message: 'invalid url: unknown scheme: ftp://host/x',
  },
  {
    fault: 'a callback without host',
    change: { completionCallbacks: [callback('http:///x')] },
    message: 'invalid url: missing host',
  },
  {
    fault: 'a callback to an address that is not allowed',
    change: { completionCallbacks: [callback('http://host:80/x')] },
    message: 'invalid url: url does not match any configured callback address: http://host:80/x',
  },
  {
    fault: 'large callback headers',
    change: { completionCallbacks: [callback('temporal://system', new Map([['k', 'v'.repeat(8192)]]))] },
    message: 'invalid header: header size longer than max allowed size of 8192',
  },
]);

refuses(
  'SignalWithStartWorkflowExecution',
  api.SignalWithStartWorkflowExecutionRequest,
  { ...START, signalName: 'go' },
  [
    ...namespaceRows(api.SignalWithStartWorkflowExecutionRequest),
    ...startRows,
    { fault: 'no signal name', change: { signalName: '' }, message: 'SignalName is not set on request.' },
    { fault: 'a long signal name', change: { signalName: LONG }, message: 'SignalName length exceeds limit.' },
    {
      fault: 'a large signal',
      change: { signalInput: PAYLOADS },
      settings: SMALL_LIMIT,
      message: 'Blob data size exceeds limit.',
    },
    {
      fault: 'conflict policy fail',
      change: { workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL },
      message:
        'Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.',
    },
  ],
);
