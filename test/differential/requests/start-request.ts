// A start of a slot's workflow, with its oddity.

import {
  duration,
  enums,
  payload,
  payloads,
  type StartRequest,
  searchAttribute,
} from '../../end-to-end/harness/api.ts';
import type { Names } from './names.ts';
import { BAD_RETRY, LONG, QUICK_RETRY, RETRY, SHORT_MS } from './values.ts';

const { WorkflowIdReusePolicy: Reuse, WorkflowIdConflictPolicy: Conflict } = enums;

export function startRequest(names: Names, oddity: string | undefined, requestId: string): StartRequest {
  const request: StartRequest = {
    namespace: names.namespace,
    workflowId: names.workflowId,
    workflowType: { name: 'differential' },
    taskQueue: { name: names.taskQueue },
    workflowTaskTimeout: duration(60_000),
    input: payloads('input'),
    identity: 'starter',
    requestId,
  };
  return { ...request, ...START_ODDITIES[oddity ?? ''] };
}

const START_ODDITIES: Readonly<Record<string, StartRequest>> = {
  noId: { workflowId: '' },
  longId: { workflowId: LONG },
  noType: { workflowType: null },
  noQueue: { taskQueue: null },
  rejectDuplicate: { workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE },
  failedOnly: { workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY },
  terminateIfRunning: { workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING },
  useExisting: { workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING },
  terminateExisting: { workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING },
  bothPolicies: {
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
  },
  delay: { workflowStartDelay: duration(SHORT_MS) },
  cron: { cronSchedule: '0 0 1 1 *' },
  badCron: { cronSchedule: 'now and then' },
  cronAndDelay: { cronSchedule: '0 0 1 1 *', workflowStartDelay: duration(SHORT_MS) },
  retry: { retryPolicy: RETRY },
  badRetry: { retryPolicy: BAD_RETRY },
  negativeTimeout: { workflowRunTimeout: duration(-1_000) },
  shortRun: { workflowRunTimeout: duration(1_000) },
  memo: { memo: { fields: { note: payload('m') } }, header: { fields: { trace: payload('t') } } },
  searchAttributes: {
    searchAttributes: {
      indexedFields: { E2eKeyword: searchAttribute('Keyword', 'k'), E2eInt: searchAttribute('Int', 5) },
    },
  },
  badSearchAttribute: { searchAttributes: { indexedFields: { Nonsense: searchAttribute('Keyword', 'k') } } },
  eager: { requestEagerExecution: true },
  unknownNamespace: { namespace: 'nobody' },
  noRequestId: { requestId: '' },
  shortTask: { workflowTaskTimeout: duration(1_000) },
  cronSoon: { cronSchedule: '@every 1s' },
  quickRetry: { retryPolicy: QUICK_RETRY },
  shortExecution: { workflowExecutionTimeout: duration(1_000) },
  attach: {
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
    onConflictOptions: { attachRequestId: true, attachLinks: true },
    links: [{ workflowEvent: { namespace: 'default', workflowId: 'linked', runId: 'linked-run' } }],
  },
};
