// From a step of a program, with its oddity, to the request or command that is sent.

import type { temporal } from '@temporalio/proto';
import {
  api,
  applicationFailure,
  type Command,
  duration,
  enums,
  type ProtocolMessage,
  payload,
  payloads,
  type StartRequest,
  searchAttribute,
} from '../end-to-end/harness/api.ts';
import {
  cancelActivity,
  cancelExternal,
  cancelTimer,
  cancelWorkflow,
  completeWorkflow,
  continueAsNew,
  failWorkflow,
  modifyProperties,
  recordMarker,
  scheduleActivity,
  signalExternal,
  startChild,
  startTimer,
  upsertSearchAttributes,
} from '../end-to-end/harness/commands.ts';
import type { ProgramCommand } from './program.ts';

/** Long enough that nothing happens by itself while a program is played, on a slow machine too. */
export const NEVER_MS = 600_000;
/** Short enough to wait for. */
export const SHORT_MS = 300;

const { WorkflowIdReusePolicy: Reuse, WorkflowIdConflictPolicy: Conflict, ParentClosePolicy } = enums;
const RETRY = { initialInterval: duration(NEVER_MS), maximumAttempts: 3 };
const BAD_RETRY = { initialInterval: duration(5_000), maximumInterval: duration(1_000) };
const LONG = 'x'.repeat(1_001);

export interface Names {
  readonly namespace: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly childQueue: string;
  /** A workflow of another slot. */
  readonly otherId: string;
}

/** Oddities after which something happens by itself, for which the player waits. */
export const MOVES_BY_ITSELF = new Set(['delay', 'shortRun', 'short', 'zero', 'noTimeout', 'backoff', 'cron']);

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
};

/** A retry policy of activities whose next attempt does not come while the program is played. */
const ACTIVITY = {
  startToCloseTimeout: duration(NEVER_MS),
  retryPolicy: RETRY,
  input: payloads('activity input'),
} as const;

type ActivityAttributes = NonNullable<Parameters<typeof scheduleActivity>[1]>;
type ChildAttributes = NonNullable<Parameters<typeof startChild>[2]>;

const ACTIVITY_ODDITIES: Readonly<Record<string, ActivityAttributes>> = {
  noId: { activityId: '' },
  noType: { activityType: null },
  noQueue: { taskQueue: null },
  noTimeouts: { startToCloseTimeout: null },
  zeroTimeouts: { startToCloseTimeout: duration(0), scheduleToCloseTimeout: duration(0) },
  negativeTimeout: { startToCloseTimeout: duration(-1_000) },
  hugeTimeouts: { startToCloseTimeout: duration(4e12), scheduleToCloseTimeout: duration(4e12) },
  badRetry: { retryPolicy: BAD_RETRY },
  noRetry: { retryPolicy: { maximumAttempts: 1 } },
  heartbeat: { heartbeatTimeout: duration(NEVER_MS), scheduleToStartTimeout: duration(NEVER_MS) },
  eager: { requestEagerExecution: true },
};

const CHILD_ODDITIES: Readonly<Record<string, ChildAttributes>> = {
  noId: { workflowId: '' },
  noType: { workflowType: null },
  noQueue: { taskQueue: null },
  abandon: { parentClosePolicy: ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON },
  requestCancel: { parentClosePolicy: ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL },
  rejectDuplicate: { workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE },
  cron: { cronSchedule: '0 0 1 1 *' },
  negativeTimeout: { workflowRunTimeout: duration(-1_000) },
  badRetry: { retryPolicy: BAD_RETRY },
};

/** `scheduledEventId` is that of the activity with the command's id, when there is one. */
export function commandOf(command: ProgramCommand, names: Names, scheduledEventId: number): Command {
  const { kind, id, oddity } = command;
  switch (kind) {
    case 'timer':
      return timerCommand(id, oddity);
    case 'cancelTimer':
      return cancelTimer(oddity === 'noId' ? '' : oddity === 'unknown' ? 'nobody' : `t${id}`);
    case 'activity':
      return scheduleActivity(names.taskQueue, {
        ...ACTIVITY,
        activityId: `a${id}`,
        ...ACTIVITY_ODDITIES[oddity ?? ''],
      });
    case 'cancelActivity':
      return cancelActivity(oddity === 'zero' ? 0 : oddity === 'unknown' ? 7_777 : scheduledEventId);
    case 'marker':
      return recordMarker(oddity === 'noName' ? '' : `m${id}`, oddity === 'details' ? { a: 1 } : {});
    case 'child': {
      const childId = oddity === 'taken' ? names.otherId : `${names.workflowId}-child-${id}`;
      return startChild(childId, names.childQueue, CHILD_ODDITIES[oddity ?? ''] ?? {});
    }
    case 'signalExternal':
    case 'cancelExternal':
      return externalCommand(command, names);
    case 'upsertSearchAttributes':
      return upsertCommand(oddity);
    case 'modifyMemo':
      return memoCommand(oddity);
    case 'complete':
      if (oddity === 'missing') return { commandType: enums.CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION };
      return completeWorkflow('result');
    case 'fail':
      if (oddity === 'noFailure') {
        const commandType = enums.CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION;
        return { commandType, failWorkflowExecutionCommandAttributes: {} };
      }
      return failWorkflow(applicationFailure('failed', { nonRetryable: oddity === 'fatal' }));
    case 'cancel':
      if (oddity === 'missing') return { commandType: enums.CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION };
      return cancelWorkflow('cancelled');
    case 'continueAsNew':
      return continueAsNew({
        workflowType: { name: 'differential' },
        taskQueue: { name: names.taskQueue },
        input: payloads('next'),
        ...CONTINUE_ODDITIES[oddity ?? ''],
      });
    case 'unknown':
      return { commandType: 99 as never };
  }
}

const CONTINUE_ODDITIES: Readonly<Record<string, Parameters<typeof continueAsNew>[0]>> = {
  noType: { workflowType: null },
  noQueue: { taskQueue: null },
  negativeTimeout: { workflowRunTimeout: duration(-1_000) },
  backoff: { backoffStartInterval: duration(SHORT_MS) },
  badRetry: { retryPolicy: BAD_RETRY },
  memo: { memo: { fields: { note: payload('changed') } } },
};

function timerCommand(id: number, oddity: string | undefined): Command {
  if (oddity === 'noTimeout') {
    return {
      commandType: enums.CommandType.COMMAND_TYPE_START_TIMER,
      startTimerCommandAttributes: { timerId: `t${id}` },
    };
  }
  const milliseconds = { negative: -1_000, zero: 0, short: SHORT_MS }[oddity ?? ''] ?? NEVER_MS;
  return startTimer(oddity === 'noId' ? '' : `t${id}`, milliseconds);
}

function externalCommand({ kind, id, oddity }: ProgramCommand, names: Names): Command {
  const workflowId = { nobody: 'nobody', noId: '', self: names.workflowId }[oddity ?? ''] ?? names.otherId;
  const runId = oddity === 'badRun' ? 'no-uuid' : '';
  if (kind === 'cancelExternal') return cancelExternal(workflowId, { runId });
  return signalExternal(workflowId, oddity === 'noName' ? '' : `external-${id}`, {
    execution: { workflowId, runId },
    input: payloads('signal input'),
  });
}

function upsertCommand(oddity: string | undefined): Command {
  if (oddity === 'missing') {
    return { commandType: enums.CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES };
  }
  if (oddity === 'unknown') return upsertSearchAttributes({ Nonsense: searchAttribute('Keyword', 'x') });
  if (oddity === 'empty') return upsertSearchAttributes({});
  if (oddity === 'wrongType') return upsertSearchAttributes({ E2eInt: searchAttribute('Keyword', 'x') });
  return upsertSearchAttributes({ E2eKeyword: searchAttribute('Keyword', 'changed') });
}

function memoCommand(oddity: string | undefined): Command {
  if (oddity === 'missing') return { commandType: enums.CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES };
  if (oddity === 'empty') return modifyProperties({});
  if (oddity === 'remove') return modifyProperties({ note: undefined });
  return modifyProperties({ note: 'changed', other: 2 });
}

/** What a worker answers to an update in a workflow task. */
export function updateMessages(message: ProtocolMessage, how: 'complete' | 'accept' | 'reject'): ProtocolMessage[] {
  const { Acceptance, Rejection, Request, Response } = api.update.v1;
  const request = Request.decode(message.body?.value as Uint8Array);
  const protocolInstanceId = message.protocolInstanceId ?? '';
  const wrap = (name: string, type: string, value: Uint8Array): ProtocolMessage => ({
    id: `${message.id}/${name}`,
    protocolInstanceId,
    body: { type_url: `type.googleapis.com/temporal.api.update.v1.${type}`, value },
  });
  const sequencing = message.eventId ?? null;
  if (how === 'reject') {
    const rejection = Rejection.encode({
      rejectedRequestMessageId: message.id ?? '',
      rejectedRequestSequencingEventId: sequencing,
      rejectedRequest: request,
      failure: applicationFailure('rejected'),
    });
    return [wrap('reject', 'Rejection', rejection.finish())];
  }
  const acceptance = Acceptance.encode({
    acceptedRequestMessageId: message.id ?? '',
    acceptedRequestSequencingEventId: sequencing,
    acceptedRequest: request,
  });
  const accepted = wrap('accept', 'Acceptance', acceptance.finish());
  if (how === 'accept') return [accepted];
  const response = Response.encode({ meta: request.meta ?? null, outcome: { success: payloads('updated') } });
  return [accepted, wrap('complete', 'Response', response.finish())];
}

export type SignalRequest = temporal.api.workflowservice.v1.ISignalWorkflowExecutionRequest;
