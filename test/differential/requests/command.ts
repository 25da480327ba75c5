// From a command of a program, with its oddity, to the command that a worker sends.

import {
  applicationFailure,
  type Command,
  duration,
  enums,
  payload,
  payloads,
  searchAttribute,
} from '../../end-to-end/harness/api.ts';
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
} from '../../end-to-end/harness/commands.ts';
import type { ProgramCommand } from '../program.ts';
import type { Names } from './names.ts';
import { ACTIVITY_ODDITIES, CHILD_ODDITIES, CONTINUE_ODDITIES } from './odd-commands.ts';
import { LONG, NEVER_MS, RETRY, SHORT_MS } from './values.ts';

/** A retry policy of activities whose next attempt does not come while the program is played. */
const ACTIVITY = {
  startToCloseTimeout: duration(NEVER_MS),
  retryPolicy: RETRY,
  input: payloads('activity input'),
} as const;

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
