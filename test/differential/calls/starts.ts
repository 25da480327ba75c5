// Starts that are refused, or odd, alone and with a signal.

import { duration, enums, payload, payloads, searchAttribute } from '../../end-to-end/harness/api.ts';
import { LONG, NEVER, type OddCall, signalWithStart, start } from './odd-call.ts';

const { WorkflowIdReusePolicy: Reuse, WorkflowIdConflictPolicy: Conflict } = enums;

const nexusCallback = (url: string, header: Record<string, string> = {}) => ({ nexus: { url, header } });

export const starts: Readonly<Record<string, OddCall>> = {
  'start without namespace': start({ namespace: '' }),
  'start in a namespace with a long name': start({ namespace: LONG }),
  'start of a long type': start({ workflowType: { name: LONG } }),
  'start on a long queue': start({ taskQueue: { name: LONG } }),
  'start on an internal queue': start({ taskQueue: { name: '/_sys/queue/1' } }),
  'start on a sticky queue': start({ taskQueue: { name: 'sticky', kind: 2, normalName: 'normal' } }),
  'start with a long request id': start({ requestId: LONG }),
  'start with a long cron schedule': start({ cronSchedule: LONG }),
  'start with a bad cron field': start({ cronSchedule: '99 * * * *' }),
  'start with a negative execution timeout': start({ workflowExecutionTimeout: duration(-1_000) }),
  'start with a negative task timeout': start({ workflowTaskTimeout: duration(-1_000) }),
  'start with nanoseconds of the other sign': start({ workflowRunTimeout: { seconds: 1, nanos: -5 } }),
  'start with a negative delay': start({ workflowStartDelay: duration(-1_000) }),
  'start with delay and cron': start({ workflowStartDelay: NEVER, cronSchedule: '0 0 1 1 *' }),
  'start with a negative initial interval': start({ retryPolicy: { initialInterval: duration(-1_000) } }),
  'start with a coefficient below one': start({ retryPolicy: { backoffCoefficient: 0.5 } }),
  'start with a negative maximum interval': start({ retryPolicy: { maximumInterval: duration(-1_000) } }),
  'start with negative attempts': start({ retryPolicy: { maximumAttempts: -1 } }),
  'start with a timeout type as error': start({ retryPolicy: { nonRetryableErrorTypes: ['TemporalTimeout:Nope'] } }),
  'start with an unknown reuse policy': start({ workflowIdReusePolicy: 99 }),
  'start with an unknown conflict policy': start({ workflowIdConflictPolicy: 99 }),
  'start that terminates and uses the running one': start({
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
  }),
  'start that rejects duplicates and terminates': start({
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
  }),
  'start with a search attribute of another type': start({
    searchAttributes: { indexedFields: { E2eInt: searchAttribute('Keyword', 'x') } },
  }),
  'start with a system search attribute': start({
    searchAttributes: { indexedFields: { ExecutionStatus: searchAttribute('Keyword', 'Running') } },
  }),
  'start with a list for an integer': start({
    searchAttributes: { indexedFields: { E2eInt: searchAttribute('Int', ['a', 'b']) } },
  }),
  'start with a bad time': start({
    searchAttributes: { indexedFields: { E2eDatetime: searchAttribute('Datetime', 'yesterday') } },
  }),
  'start with a large search attribute': start({
    searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'x'.repeat(3_000)) } },
  }),
  'start with a large memo': start({ memo: { fields: { note: payload('x'.repeat(2_100_000)) } } }),
  'start with a large input': start({ input: payloads('x'.repeat(2_100_000)) }),
  'start with a callback without address': start({ completionCallbacks: [nexusCallback('')] }),
  'start with a callback over ftp': start({ completionCallbacks: [nexusCallback('ftp://somewhere')] }),
  'start with a callback elsewhere': start({ completionCallbacks: [nexusCallback('http://somewhere/path')] }),
  'start with a long callback address': start({ completionCallbacks: [nexusCallback(`http://h/${LONG}`)] }),
  'start with an unknown callback': start({ completionCallbacks: [{}] }),
  'start with many callbacks': start({ completionCallbacks: Array(40).fill(nexusCallback('http://h/p')) }),
  'start with a negative priority': start({ priority: { priorityKey: -1 } }),
  'start with a large priority': start({ priority: { priorityKey: 99 } }),
  'start with a long fairness key': start({ priority: { fairnessKey: 'x'.repeat(100) } }),
  'start with conflict options without the policy': start({ onConflictOptions: { attachRequestId: true } }),
  'start that attaches callbacks without request id': start({
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
    onConflictOptions: { attachCompletionCallbacks: true },
  }),
  'start with a pinned override without version': start({ versioningOverride: { pinned: { behavior: 1 } } }),
  'start with an unspecified override': start({ versioningOverride: { behavior: 0 } }),
  'start with a large summary': start({ userMetadata: { summary: payload('x'.repeat(500)) } }),
  'start with large details': start({ userMetadata: { details: payload('x'.repeat(30_000)) } }),
  'start with a link without target': start({ links: [{}] }),
  'start with many links': start({
    links: Array(30).fill({ workflowEvent: { namespace: 'n', workflowId: 'w', runId: 'r' } }),
  }),
  'start with a link without workflow': start({ links: [{ workflowEvent: { namespace: 'n' } }] }),
  'signal with start without signal name': signalWithStart({ signalName: '' }),
  'signal with start and a long signal name': signalWithStart({ signalName: LONG }),
  'signal with start without type': signalWithStart({ workflowType: { name: '' } }),
  'signal with start without queue': signalWithStart({ taskQueue: { name: '' } }),
  'signal with start and a bad retry policy': signalWithStart({ retryPolicy: { backoffCoefficient: 0.1 } }),
  'signal with start with policies against each other': signalWithStart({
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
  }),
  'signal with start failing on conflict': signalWithStart({
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
  }),
  'signal with start, cron and delay': signalWithStart({ workflowStartDelay: NEVER, cronSchedule: '0 0 1 1 *' }),
  'signal with start and a negative run timeout': signalWithStart({ workflowRunTimeout: duration(-1) }),
  'signal with start and a long request id': signalWithStart({ requestId: LONG }),
  'signal with start and a large input': signalWithStart({ signalInput: payloads('x'.repeat(2_100_000)) }),
  'signal with start and an unknown search attribute': signalWithStart({
    searchAttributes: { indexedFields: { Nonsense: searchAttribute('Keyword', 'x') } },
  }),
};
