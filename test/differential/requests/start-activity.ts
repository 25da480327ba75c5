// A start of a slot's activity without a workflow, with its oddity.

import type { temporal } from '@temporalio/proto';
import { duration, enums, payload, payloads, searchAttribute } from '../../end-to-end/harness/api.ts';
import { BAD_RETRY, LONG, NEVER_MS, QUICK_RETRY, RETRY, SHORT_MS, UNKNOWN_SEARCH_ATTRIBUTE } from './values.ts';

export type StartActivityRequest = temporal.api.workflowservice.v1.IStartActivityExecutionRequest;

const { ActivityIdReusePolicy: Reuse, ActivityIdConflictPolicy: Conflict } = enums;

export function startActivityRequest(
  names: { readonly namespace: string; readonly activityId: string; readonly taskQueue: string },
  oddity: string | undefined,
  requestId: string,
): StartActivityRequest {
  return {
    namespace: names.namespace,
    activityId: names.activityId,
    activityType: { name: 'some-activity' },
    taskQueue: { name: names.taskQueue },
    startToCloseTimeout: duration(NEVER_MS),
    retryPolicy: RETRY,
    input: payloads('activity input'),
    identity: 'starter',
    requestId,
    ...ODDITIES[oddity ?? ''],
  };
}

const ODDITIES: Readonly<Record<string, StartActivityRequest>> = {
  noId: { activityId: '' },
  longId: { activityId: LONG },
  noType: { activityType: null },
  longType: { activityType: { name: LONG } },
  noQueue: { taskQueue: null },
  longQueue: { taskQueue: { name: LONG } },
  internalQueue: { taskQueue: { name: '/_sys/queue' } },
  noTimeouts: { startToCloseTimeout: null },
  negativeTimeout: { startToCloseTimeout: duration(-1_000) },
  zeroTimeouts: { startToCloseTimeout: duration(0), scheduleToCloseTimeout: duration(0) },
  onlyScheduleToClose: { startToCloseTimeout: null, scheduleToCloseTimeout: duration(NEVER_MS) },
  crossedTimeouts: { startToCloseTimeout: duration(3 * NEVER_MS), scheduleToCloseTimeout: duration(NEVER_MS) },
  negativeHeartbeat: { heartbeatTimeout: duration(-1_000) },
  badRetry: { retryPolicy: BAD_RETRY },
  smallCoefficient: { retryPolicy: { backoffCoefficient: 0.5 } },
  negativeAttempts: { retryPolicy: { maximumAttempts: -1 } },
  noRetry: { retryPolicy: { maximumAttempts: 1 } },
  quickRetry: { retryPolicy: QUICK_RETRY },
  heartbeat: { heartbeatTimeout: duration(NEVER_MS), scheduleToStartTimeout: duration(NEVER_MS) },
  delay: { startDelay: duration(SHORT_MS) },
  longDelay: { startDelay: duration(NEVER_MS) },
  negativeDelay: { startDelay: duration(-1_000) },
  shortStartToClose: { startToCloseTimeout: duration(1_000), retryPolicy: { maximumAttempts: 1 } },
  shortScheduleToClose: { scheduleToCloseTimeout: duration(1_000) },
  shortScheduleToStart: { scheduleToStartTimeout: duration(1_000) },
  shortHeartbeat: { heartbeatTimeout: duration(1_000), retryPolicy: { maximumAttempts: 1 } },
  rejectDuplicate: { idReusePolicy: Reuse.ACTIVITY_ID_REUSE_POLICY_REJECT_DUPLICATE },
  failedOnly: { idReusePolicy: Reuse.ACTIVITY_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY },
  useExisting: { idConflictPolicy: Conflict.ACTIVITY_ID_CONFLICT_POLICY_USE_EXISTING },
  unknownReuse: { idReusePolicy: 99 as never },
  unknownConflict: { idConflictPolicy: 99 as never },
  searchAttributes: { searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'k') } } },
  badSearchAttribute: { searchAttributes: UNKNOWN_SEARCH_ATTRIBUTE },
  longRequest: { requestId: LONG },
  noRequest: { requestId: '' },
  longIdentity: { identity: LONG },
  largeInput: { input: payloads('x'.repeat(2_100_000)) },
  priority: { priority: { priorityKey: 2, fairnessKey: 'a', fairnessWeight: 2 } },
  negativePriority: { priority: { priorityKey: -1 } },
  longFairness: { priority: { fairnessKey: 'x'.repeat(100) } },
  unknownNamespace: { namespace: 'nobody' },
  metadata: { userMetadata: { summary: payload('a summary') } },
  largeSummary: { userMetadata: { summary: payload('x'.repeat(500)) } },
  header: { header: { fields: { trace: payload('t') } } },
};
