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
  type WorkflowTask,
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
const QUICK_RETRY = { initialInterval: duration(SHORT_MS), maximumAttempts: 2 };
const BAD_RETRY = { initialInterval: duration(5_000), maximumInterval: duration(1_000) };
const LONG = 'x'.repeat(1_001);

export interface Names {
  readonly namespace: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  /** Of the child with an id; what lies behind the last is the last. */
  readonly childQueues: readonly string[];
  /** A workflow of another slot. */
  readonly otherId: string;
}

/** Oddities after which something happens by itself, for which the player waits. */
export const MOVES_BY_ITSELF = new Set([
  'delay',
  'shortRun',
  'shortExecution',
  'short',
  'zero',
  'noTimeout',
  'backoff',
  'cron',
  'cronSoon',
  'shortScheduleToStart',
  'shortScheduleToClose',
]);

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
  longId: { activityId: LONG },
  longType: { activityType: { name: LONG } },
  longQueue: { taskQueue: { name: LONG } },
  internalQueue: { taskQueue: { name: '/_sys/queue' } },
  negativeHeartbeat: { heartbeatTimeout: duration(-1_000) },
  negativeScheduleToClose: { scheduleToCloseTimeout: duration(-1_000) },
  negativeScheduleToStart: { scheduleToStartTimeout: duration(-1_000) },
  onlyScheduleToStart: { startToCloseTimeout: null, scheduleToStartTimeout: duration(NEVER_MS) },
  onlyScheduleToClose: { startToCloseTimeout: null, scheduleToCloseTimeout: duration(NEVER_MS) },
  smallCoefficient: { retryPolicy: { backoffCoefficient: 0.5 } },
  negativeAttempts: { retryPolicy: { maximumAttempts: -1 } },
  negativePriority: { priority: { priorityKey: -1 } },
  shortStartToClose: { startToCloseTimeout: duration(1_000), retryPolicy: { maximumAttempts: 1 } },
  shortScheduleToStart: { scheduleToStartTimeout: duration(1_000) },
  shortScheduleToClose: { scheduleToCloseTimeout: duration(1_000) },
  shortHeartbeat: { heartbeatTimeout: duration(1_000), retryPolicy: { maximumAttempts: 1 } },
  quickRetry: { retryPolicy: QUICK_RETRY },
  allTimeouts: {
    scheduleToCloseTimeout: duration(NEVER_MS),
    scheduleToStartTimeout: duration(2 * NEVER_MS),
    heartbeatTimeout: duration(3 * NEVER_MS),
  },
  crossedTimeouts: { startToCloseTimeout: duration(3 * NEVER_MS), scheduleToCloseTimeout: duration(NEVER_MS) },
  hugeRetry: {
    retryPolicy: {
      initialInterval: duration(4e12),
      maximumInterval: duration(8e12),
      backoffCoefficient: 1e300,
      maximumAttempts: 2_147_483_647,
    },
  },
  zeroRetry: { retryPolicy: { initialInterval: duration(0), maximumInterval: duration(0), backoffCoefficient: 0 } },
  largePriority: { priority: { priorityKey: 99 } },
  longFairness: { priority: { fairnessKey: 'x'.repeat(100) } },
  badErrorType: { retryPolicy: { nonRetryableErrorTypes: ['TemporalTimeout:Nope'] } },
  sticky: { taskQueue: { name: 'sticky', kind: 2, normalName: LONG } },
  reservedQueue: { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
  largeInput: { input: payloads('x'.repeat(2_100_000)) },
};

const UNKNOWN_SEARCH_ATTRIBUTE = { indexedFields: { Nonsense: searchAttribute('Keyword', 'x') } };

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
  longId: { workflowId: LONG },
  longType: { workflowType: { name: LONG } },
  longQueue: { taskQueue: { name: LONG } },
  badCron: { cronSchedule: 'now and then' },
  unknownNamespace: { namespace: 'nobody' },
  negativeExecutionTimeout: { workflowExecutionTimeout: duration(-1_000) },
  negativeTaskTimeout: { workflowTaskTimeout: duration(-1_000) },
  unknownSearchAttribute: { searchAttributes: UNKNOWN_SEARCH_ATTRIBUTE },
  memo: {
    memo: { fields: { note: payload('m'), nothing: payload(undefined) } },
    searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'k') } },
  },
  shortRun: { workflowRunTimeout: duration(1_000) },
  timeouts: { workflowExecutionTimeout: duration(NEVER_MS), workflowTaskTimeout: duration(NEVER_MS) },
  unknownPolicies: { workflowIdReusePolicy: 99 as never, parentClosePolicy: 99 as never },
  zeroTimeouts: { workflowExecutionTimeout: duration(0), workflowRunTimeout: duration(0) },
  crossedTimeouts: { workflowExecutionTimeout: duration(NEVER_MS), workflowRunTimeout: duration(2 * NEVER_MS) },
  reservedQueue: { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
  retry: { retryPolicy: RETRY },
  priority: { priority: { priorityKey: 2, fairnessKey: 'a', fairnessWeight: 2 } },
  badPriority: { priority: { priorityKey: -2 } },
};

/** `scheduledEventId` is that of the activity with the command's id, when there is one. */
export function commandOf(command: ProgramCommand, names: Names, scheduledEventId: number): Command {
  const { kind, id, oddity } = command;
  const bare = oddity === 'missing' ? COMMAND_TYPES[kind] : undefined;
  if (bare !== undefined) return { commandType: bare };
  switch (kind) {
    case 'timer':
      return timerCommand(id, oddity);
    case 'cancelTimer':
      return cancelTimer({ noId: '', unknown: 'nobody', longId: LONG }[oddity ?? ''] ?? `t${id}`);
    case 'activity':
      return scheduleActivity(`${names.taskQueue}-a${id}`, {
        ...ACTIVITY,
        activityId: `a${id}`,
        ...ACTIVITY_ODDITIES[oddity ?? ''],
      });
    case 'cancelActivity':
      return cancelActivity({ zero: 0, unknown: 7_777, negative: -1 }[oddity ?? ''] ?? scheduledEventId);
    case 'marker':
      return recordMarker(
        { noName: '', longName: LONG }[oddity ?? ''] ?? `m${id}`,
        oddity === 'details' ? { a: 1 } : {},
      );
    case 'child': {
      const childId = oddity === 'taken' ? names.otherId : `${names.workflowId}-child-${id}`;
      const queue = names.childQueues[Math.min(id, names.childQueues.length - 1)] ?? '';
      return startChild(childId, queue, CHILD_ODDITIES[oddity ?? ''] ?? {});
    }
    case 'signalExternal':
    case 'cancelExternal':
      return externalCommand(command, names);
    case 'upsertSearchAttributes':
      return upsertCommand(oddity);
    case 'modifyMemo':
      return memoCommand(oddity);
    case 'complete':
      return completeWorkflow(oddity === 'large' ? 'x'.repeat(2_100_000) : 'result');
    case 'fail':
      if (oddity === 'noFailure') {
        const commandType = enums.CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION;
        return { commandType, failWorkflowExecutionCommandAttributes: {} };
      }
      if (oddity === 'bare') return failWorkflow({ message: 'of no kind' });
      return failWorkflow(applicationFailure('failed', { nonRetryable: oddity === 'fatal' }));
    case 'cancel':
      return cancelWorkflow('cancelled');
    case 'continueAsNew':
      return continueAsNew({
        workflowType: { name: 'differential' },
        taskQueue: { name: names.taskQueue },
        input: payloads('next'),
        ...CONTINUE_ODDITIES[oddity ?? ''],
      });
    case 'message': {
      const commandType = enums.CommandType.COMMAND_TYPE_PROTOCOL_MESSAGE;
      return { commandType, protocolMessageCommandAttributes: { messageId: oddity === 'noId' ? '' : 'nobody' } };
    }
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
  longType: { workflowType: { name: LONG } },
  longQueue: { taskQueue: { name: LONG } },
  negativeBackoff: { backoffStartInterval: duration(-1_000) },
  negativeTaskTimeout: { workflowTaskTimeout: duration(-1_000) },
  unknownSearchAttribute: { searchAttributes: UNKNOWN_SEARCH_ATTRIBUTE },
  timeouts: { workflowRunTimeout: duration(NEVER_MS), workflowTaskTimeout: duration(NEVER_MS) },
  cron: { cronSchedule: '0 0 1 1 *' },
  badCron: { cronSchedule: 'now and then' },
  retry: { retryPolicy: RETRY },
  crossedTimeouts: { workflowRunTimeout: duration(NEVER_MS), workflowTaskTimeout: duration(2 * NEVER_MS) },
  zeroTimeouts: { workflowRunTimeout: duration(0), workflowTaskTimeout: duration(0) },
  initiator: { initiator: 3 },
  failure: { failure: applicationFailure('carried over'), lastCompletionResult: payloads('carried over') },
  searchAttributes: { searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'next') } } },
  reservedQueue: { taskQueue: { name: 'temporal-sys-per-ns-tq' } },
};

const { CommandType } = enums;
const COMMAND_TYPES: Partial<Readonly<Record<ProgramCommand['kind'], number>>> = {
  timer: CommandType.COMMAND_TYPE_START_TIMER,
  cancelTimer: CommandType.COMMAND_TYPE_CANCEL_TIMER,
  activity: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
  cancelActivity: CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK,
  marker: CommandType.COMMAND_TYPE_RECORD_MARKER,
  child: CommandType.COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION,
  signalExternal: CommandType.COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION,
  cancelExternal: CommandType.COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION,
  upsertSearchAttributes: CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  modifyMemo: CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
  complete: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
  fail: CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION,
  cancel: CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION,
  continueAsNew: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
  message: CommandType.COMMAND_TYPE_PROTOCOL_MESSAGE,
};

function timerCommand(id: number, oddity: string | undefined): Command {
  if (oddity === 'noTimeout') {
    return {
      commandType: enums.CommandType.COMMAND_TYPE_START_TIMER,
      startTimerCommandAttributes: { timerId: `t${id}` },
    };
  }
  if (oddity === 'nanos' || oddity === 'longest') {
    return {
      commandType: enums.CommandType.COMMAND_TYPE_START_TIMER,
      startTimerCommandAttributes: {
        timerId: `t${id}`,
        startToFireTimeout: oddity === 'nanos' ? { seconds: 600, nanos: -5 } : { seconds: 315_576_000_001 },
      } as never,
    };
  }
  const milliseconds = { negative: -1_000, zero: 0, short: SHORT_MS, huge: 4e12 }[oddity ?? ''] ?? NEVER_MS;
  return startTimer({ noId: '', longId: LONG }[oddity ?? ''] ?? `t${id}`, milliseconds);
}

function externalCommand({ kind, id, oddity }: ProgramCommand, names: Names): Command {
  const child = `${names.workflowId}-child-${id}`;
  const targets: Record<string, string> = {
    nobody: 'nobody',
    noId: '',
    self: names.workflowId,
    longId: LONG,
    child,
    childOnly: child,
  };
  const workflowId = targets[oddity ?? ''] ?? names.otherId;
  const runId = { badRun: 'no-uuid', unknownRun: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee' }[oddity ?? ''] ?? '';
  const more = {
    ...(oddity === 'unknownNamespace' ? { namespace: 'nobody' } : {}),
    ...(oddity === 'childOnly' ? { childWorkflowOnly: true } : {}),
  };
  if (kind === 'cancelExternal') return cancelExternal(workflowId, { runId, reason: 'a reason', ...more });
  return signalExternal(workflowId, { noName: '', longName: LONG }[oddity ?? ''] ?? `external-${id}`, {
    execution: oddity === 'noExecution' ? null : { workflowId, runId },
    input: payloads('signal input'),
    ...more,
  });
}

function upsertCommand(oddity: string | undefined): Command {
  if (oddity === 'unknown') return upsertSearchAttributes({ Nonsense: searchAttribute('Keyword', 'x') });
  if (oddity === 'empty') return upsertSearchAttributes({});
  if (oddity === 'system') return upsertSearchAttributes({ ExecutionStatus: searchAttribute('Keyword', 'Running') });
  if (oddity === 'badTime') return upsertSearchAttributes({ E2eDatetime: searchAttribute('Datetime', 'yesterday') });
  if (oddity === 'large') return upsertSearchAttributes({ E2eKeyword: searchAttribute('Keyword', 'x'.repeat(3_000)) });
  if (oddity === 'null') return upsertSearchAttributes({ E2eKeyword: payload(undefined) });
  if (oddity === 'many') {
    return upsertSearchAttributes({
      E2eInt: searchAttribute('Int', 7),
      E2eDouble: searchAttribute('Double', 1.5),
      E2eBool: searchAttribute('Bool', true),
      E2eDatetime: searchAttribute('Datetime', '2024-01-02T03:04:05.006Z'),
      E2eKeywordList: searchAttribute('KeywordList', ['a', 'b']),
      E2eText: searchAttribute('Text', 'some words'),
    });
  }
  if (oddity === 'wrongType') return upsertSearchAttributes({ E2eInt: searchAttribute('Keyword', 'x') });
  return upsertSearchAttributes({ E2eKeyword: searchAttribute('Keyword', 'changed') });
}

function memoCommand(oddity: string | undefined): Command {
  if (oddity === 'empty') return modifyProperties({});
  if (oddity === 'remove') return modifyProperties({ note: undefined });
  if (oddity === 'large') return modifyProperties({ note: 'x'.repeat(2_100_000) });
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

/** Messages that no worker should send with its workflow task. */
export function oddMessages(oddity: string | undefined, task: WorkflowTask | undefined): ProtocolMessage[] {
  const { Acceptance, Response } = api.update.v1;
  const body = (type: string, value: Uint8Array) => ({ type_url: `type.googleapis.com/${type}`, value });
  const response = Response.encode({ meta: { updateId: 'nobody' }, outcome: { success: payloads('x') } }).finish();
  switch (oddity) {
    case 'unknownUpdate':
      return [{ id: 'm', protocolInstanceId: 'nobody', body: body('temporal.api.update.v1.Response', response) }];
    case 'emptyMessage':
      return [{ id: 'm', protocolInstanceId: 'nobody' }];
    case 'strangeMessage':
      return [{ id: 'm', protocolInstanceId: 'nobody', body: body('somebody.else.v1.Message', response) }];
    case 'wrongUpdate': {
      const [message] = task?.messages ?? [];
      if (!message) return [];
      const acceptance = Acceptance.encode({ acceptedRequestMessageId: 'another' }).finish();
      const accepted = body('temporal.api.update.v1.Acceptance', acceptance);
      // Completed before it is accepted.
      const early = body('temporal.api.update.v1.Response', response);
      const protocolInstanceId = message.protocolInstanceId ?? '';
      return [
        { id: 'm1', protocolInstanceId, body: early },
        { id: 'm2', protocolInstanceId, body: accepted },
      ];
    }
    default:
      return [];
  }
}
