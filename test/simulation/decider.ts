// Plays a program: a pure function from a run's history to the commands of its next workflow task, as an SDK's replay is.

import type { CommandInit } from '#proto/temporal/api/command/v1';
import { Memo } from '#proto/temporal/api/common/v1';
import { CommandType, EventType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import { NAMESPACE } from './cluster.ts';
import { payload, payloads, valuesOf } from './payloads.ts';
import { isCancelled, type Program, type Step, workflowIdOf } from './program.ts';

export const TASK_QUEUE = 'simulated-queue';

/** Nothing comes back for these. */
const ENDS_AT_ONCE: ReadonlySet<number> = new Set([
  CommandType.RECORD_MARKER,
  CommandType.MODIFY_WORKFLOW_PROPERTIES,
  CommandType.CANCEL_TIMER,
]);
const CANCELS: ReadonlySet<number> = new Set([CommandType.CANCEL_TIMER, CommandType.REQUEST_CANCEL_ACTIVITY_TASK]);
/** A step whose command is on its way cannot be cancelled by event id yet. */
const NOT_YET_IN_HISTORY = -1;

export interface Progress {
  /** Ids of steps whose command is in history. */
  readonly begun: Map<string, number>;
  readonly ended: Set<string>;
  readonly cancelRequested: Set<string>;
  signals: number;
  runCancelRequested: boolean;
  /** Updates that are accepted and not completed, with their order of acceptance. */
  readonly openUpdates: Map<string, number>;
  readonly knownUpdates: Set<string>;
  program: Program;
  attempt: number;
  closed: boolean;
}

export interface Decision {
  readonly commands: readonly CommandInit[];
  /** The run waits for signals and for nothing else. */
  readonly waitsForSignals: boolean;
  /** Its last group is done: it closes with these commands. */
  readonly closes: boolean;
}

export function decide(events: readonly HistoryEvent[], runId: string): Decision {
  const progress = progressOf(events);
  const { program } = progress;
  if (progress.runCancelRequested && program.obeysCancel) {
    return closing({
      commandType: CommandType.CANCEL_WORKFLOW_EXECUTION,
      cancelWorkflowExecutionCommandAttributes: { details: payloads('cancelled') },
    });
  }
  const commands: CommandInit[] = [];
  for (const [groupIndex, group] of program.groups.entries()) {
    const ids = group.map((_, index) => `${groupIndex}.${index}`);
    if (ids.every((id, index) => hasEnded(group[index] as Step, id, progress))) continue;
    // What one command ends may let another follow at once.
    for (let before = -1; before !== commands.length; ) {
      before = commands.length;
      for (const [index, step] of group.entries()) {
        const id = ids[index] as string;
        const next = commandsOf(step, id, group, ids, progress, runId);
        commands.push(...next);
        for (const { commandType = 0 } of next) {
          if (CANCELS.has(commandType) || isChildCancel(step, commandType)) progress.cancelRequested.add(id);
          else progress.begun.set(id, NOT_YET_IN_HISTORY);
          if (ENDS_AT_ONCE.has(commandType)) progress.ended.add(id);
        }
      }
    }
    const open = group.filter((step, index) => !hasEnded(step, ids[index] as string, progress));
    if (open.length === 0) continue;
    return { commands, waitsForSignals: open.every((step) => step.kind === 'signals'), closes: false };
  }
  // An update that was accepted is answered first; its own task brings us back here.
  if (progress.openUpdates.size > 0) return { commands, waitsForSignals: false, closes: false };
  return { commands: [...commands, endCommand(progress)], waitsForSignals: false, closes: true };
}

function closing(command: CommandInit): Decision {
  return { commands: [command], waitsForSignals: false, closes: true };
}

function hasEnded(step: Step, id: string, progress: Progress): boolean {
  if (step.kind === 'signals') return progress.signals >= step.count;
  return progress.ended.has(id);
}

function endCommand({ program, attempt }: Progress): CommandInit {
  const failure = (nonRetryable: boolean) =>
    Failure.encode({ message: 'the program says so', applicationFailureInfo: { type: 'Planned', nonRetryable } });
  if (program.end === 'continueAsNew' && program.runsLeft > 0) {
    return {
      commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
      continueAsNewWorkflowExecutionCommandAttributes: {
        workflowType: { name: 'simulated-workflow' },
        taskQueue: { name: TASK_QUEUE },
        input: payloads({ ...program, runsLeft: program.runsLeft - 1 }),
        workflowTaskTimeout: 5_000,
      },
    };
  }
  if (program.end === 'fail' || (program.end === 'retry' && attempt <= 2)) {
    return {
      commandType: CommandType.FAIL_WORKFLOW_EXECUTION,
      failWorkflowExecutionCommandAttributes: { failure: failure(program.end === 'fail') },
    };
  }
  return {
    commandType: CommandType.COMPLETE_WORKFLOW_EXECUTION,
    completeWorkflowExecutionCommandAttributes: { result: payloads('done') },
  };
}

function commandsOf(
  step: Step,
  id: string,
  group: readonly Step[],
  ids: readonly string[],
  progress: Progress,
  runId: string,
): CommandInit[] {
  const begun = progress.begun.get(id);
  if (begun === undefined) {
    const command = beginCommand(step, id, runId);
    return command === undefined ? [] : [command];
  }
  if (!isCancelled(step) || progress.ended.has(id) || progress.cancelRequested.has(id)) return [];
  if (begun === NOT_YET_IN_HISTORY && step.kind !== 'timer') return [];
  const restDone = group.every((other, index) => isCancelled(other) || hasEnded(other, ids[index] as string, progress));
  return restDone ? [cancelCommand(step, id, begun, runId)] : [];
}

function isChildCancel(step: Step, commandType: number): boolean {
  return step.kind === 'child' && commandType === CommandType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION;
}

function childId(runId: string, id: string): string {
  return `child-${runId.slice(-12)}-${id}`;
}

function beginCommand(step: Step, id: string, runId: string): CommandInit | undefined {
  switch (step.kind) {
    case 'timer':
      return {
        commandType: CommandType.START_TIMER,
        startTimerCommandAttributes: { timerId: id, startToFireTimeout: step.milliseconds },
      };
    case 'activity':
      return {
        commandType: CommandType.SCHEDULE_ACTIVITY_TASK,
        scheduleActivityTaskCommandAttributes: {
          activityId: id,
          activityType: { name: 'simulated-activity' },
          taskQueue: { name: TASK_QUEUE },
          input: payloads(step.outcomes),
          startToCloseTimeout: step.startToCloseMs,
          scheduleToCloseTimeout: step.scheduleToCloseMs,
          scheduleToStartTimeout: step.scheduleToStartMs,
          heartbeatTimeout: step.heartbeatMs,
          requestEagerExecution: step.eager,
          retryPolicy: {
            initialInterval: step.initialIntervalMs,
            backoffCoefficient: 2,
            maximumInterval: 20_000,
            maximumAttempts: step.maximumAttempts,
          },
        },
      };
    case 'child':
      return {
        commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
        startChildWorkflowExecutionCommandAttributes: {
          namespace: NAMESPACE,
          workflowId: childId(runId, id),
          workflowType: { name: 'simulated-workflow' },
          taskQueue: { name: TASK_QUEUE },
          input: payloads(step.program),
          workflowTaskTimeout: 5_000,
          parentClosePolicy: step.parentClosePolicy as 1,
          control: id,
          retryPolicy: step.program.end === 'retry' ? { initialInterval: 1_000, maximumAttempts: 3 } : undefined,
        },
      };
    case 'signalExternal':
      return {
        commandType: CommandType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION,
        signalExternalWorkflowExecutionCommandAttributes: {
          namespace: NAMESPACE,
          execution: { workflowId: workflowIdOf(step.target) },
          signalName: `external-${runId.slice(-12)}-${id}`,
          control: id,
        },
      };
    case 'cancelExternal':
      return {
        commandType: CommandType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION,
        requestCancelExternalWorkflowExecutionCommandAttributes: {
          namespace: NAMESPACE,
          workflowId: workflowIdOf(step.target),
          control: id,
        },
      };
    case 'marker':
      return { commandType: CommandType.RECORD_MARKER, recordMarkerCommandAttributes: { markerName: id } };
    case 'memo':
      return {
        commandType: CommandType.MODIFY_WORKFLOW_PROPERTIES,
        modifyWorkflowPropertiesCommandAttributes: {
          upsertedMemo: Memo.encode({ fields: new Map([[`memo-${id}`, payload(id)]]) }),
        },
      };
    case 'signals':
      return undefined;
  }
}

function cancelCommand(step: Step, id: string, begunEventId: number, runId: string): CommandInit {
  if (step.kind === 'timer') {
    return { commandType: CommandType.CANCEL_TIMER, cancelTimerCommandAttributes: { timerId: id } };
  }
  if (step.kind === 'activity') {
    return {
      commandType: CommandType.REQUEST_CANCEL_ACTIVITY_TASK,
      requestCancelActivityTaskCommandAttributes: { scheduledEventId: begunEventId },
    };
  }
  return {
    commandType: CommandType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION,
    requestCancelExternalWorkflowExecutionCommandAttributes: {
      namespace: NAMESPACE,
      workflowId: childId(runId, id),
      childWorkflowOnly: true,
      control: `cancel-${id}`,
    },
  };
}

/** What history says has happened to the program's steps. */
export function progressOf(events: readonly HistoryEvent[]): Progress {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const progress: Progress = {
    begun: new Map(),
    ended: new Set(),
    cancelRequested: new Set(),
    signals: 0,
    runCancelRequested: false,
    openUpdates: new Map(),
    knownUpdates: new Set(),
    program: valuesOf(started?.input)[0] as Program,
    attempt: started?.attempt ?? 1,
    closed: false,
  };
  /** Scheduled or initiated event to step. */
  const stepOf = new Map<number, string>();
  const detached = (id: string): boolean => {
    const [groupIndex, index] = id.split('.').map(Number);
    const step = progress.program.groups[groupIndex as number]?.[index as number];
    return step?.kind === 'child' && step.detached;
  };
  const begin = (id: string, eventId: number): void => {
    progress.begun.set(id, eventId);
    stepOf.set(eventId, id);
  };
  const end = (eventId: number | undefined): void => {
    const id = stepOf.get(eventId ?? -1);
    if (id !== undefined) progress.ended.add(id);
  };
  for (const event of events) {
    const e = event;
    const eventId = event.eventId;
    if (e.timerStartedEventAttributes) begin(e.timerStartedEventAttributes.timerId, eventId);
    else if (e.timerFiredEventAttributes) progress.ended.add(e.timerFiredEventAttributes.timerId);
    else if (e.timerCanceledEventAttributes) progress.ended.add(e.timerCanceledEventAttributes.timerId);
    else if (e.activityTaskScheduledEventAttributes) begin(e.activityTaskScheduledEventAttributes.activityId, eventId);
    else if (e.activityTaskCompletedEventAttributes) end(e.activityTaskCompletedEventAttributes.scheduledEventId);
    else if (e.activityTaskFailedEventAttributes) end(e.activityTaskFailedEventAttributes.scheduledEventId);
    else if (e.activityTaskTimedOutEventAttributes) end(e.activityTaskTimedOutEventAttributes.scheduledEventId);
    else if (e.activityTaskCanceledEventAttributes) end(e.activityTaskCanceledEventAttributes.scheduledEventId);
    else if (e.activityTaskCancelRequestedEventAttributes) {
      const id = stepOf.get(e.activityTaskCancelRequestedEventAttributes.scheduledEventId);
      if (id !== undefined) progress.cancelRequested.add(id);
    } else if (e.startChildWorkflowExecutionInitiatedEventAttributes) {
      begin(e.startChildWorkflowExecutionInitiatedEventAttributes.control, eventId);
    } else if (e.startChildWorkflowExecutionFailedEventAttributes) {
      end(e.startChildWorkflowExecutionFailedEventAttributes.initiatedEventId);
    } else if (e.childWorkflowExecutionStartedEventAttributes) {
      const initiatedEventId = e.childWorkflowExecutionStartedEventAttributes.initiatedEventId;
      if (detached(stepOf.get(initiatedEventId) ?? '')) end(initiatedEventId);
    } else if (e.childWorkflowExecutionCompletedEventAttributes) {
      end(e.childWorkflowExecutionCompletedEventAttributes.initiatedEventId);
    } else if (e.childWorkflowExecutionFailedEventAttributes) {
      end(e.childWorkflowExecutionFailedEventAttributes.initiatedEventId);
    } else if (e.childWorkflowExecutionTimedOutEventAttributes) {
      end(e.childWorkflowExecutionTimedOutEventAttributes.initiatedEventId);
    } else if (e.childWorkflowExecutionCanceledEventAttributes) {
      end(e.childWorkflowExecutionCanceledEventAttributes.initiatedEventId);
    } else if (e.childWorkflowExecutionTerminatedEventAttributes) {
      end(e.childWorkflowExecutionTerminatedEventAttributes.initiatedEventId);
    } else if (e.signalExternalWorkflowExecutionInitiatedEventAttributes) {
      begin(e.signalExternalWorkflowExecutionInitiatedEventAttributes.control, eventId);
    } else if (e.externalWorkflowExecutionSignaledEventAttributes) {
      end(e.externalWorkflowExecutionSignaledEventAttributes.initiatedEventId);
    } else if (e.signalExternalWorkflowExecutionFailedEventAttributes) {
      end(e.signalExternalWorkflowExecutionFailedEventAttributes.initiatedEventId);
    } else if (e.requestCancelExternalWorkflowExecutionInitiatedEventAttributes) {
      const { control } = e.requestCancelExternalWorkflowExecutionInitiatedEventAttributes;
      if (control.startsWith('cancel-')) progress.cancelRequested.add(control.slice('cancel-'.length));
      else begin(control, eventId);
    } else if (e.externalWorkflowExecutionCancelRequestedEventAttributes) {
      end(e.externalWorkflowExecutionCancelRequestedEventAttributes.initiatedEventId);
    } else if (e.requestCancelExternalWorkflowExecutionFailedEventAttributes) {
      end(e.requestCancelExternalWorkflowExecutionFailedEventAttributes.initiatedEventId);
    } else if (e.markerRecordedEventAttributes) {
      progress.begun.set(e.markerRecordedEventAttributes.markerName, eventId);
      progress.ended.add(e.markerRecordedEventAttributes.markerName);
    } else if (e.workflowPropertiesModifiedEventAttributes) {
      const memo = e.workflowPropertiesModifiedEventAttributes.upsertedMemo;
      for (const name of memo === undefined ? [] : Memo.decode(memo).fields.keys()) {
        progress.begun.set(name.slice('memo-'.length), eventId);
        progress.ended.add(name.slice('memo-'.length));
      }
    } else if (e.workflowExecutionSignaledEventAttributes) progress.signals++;
    else if (e.workflowExecutionCancelRequestedEventAttributes) progress.runCancelRequested = true;
    else if (e.workflowExecutionUpdateAcceptedEventAttributes) {
      const updateId = e.workflowExecutionUpdateAcceptedEventAttributes.protocolInstanceId;
      progress.openUpdates.set(updateId, eventId);
      progress.knownUpdates.add(updateId);
    } else if (e.workflowExecutionUpdateCompletedEventAttributes) {
      progress.openUpdates.delete(e.workflowExecutionUpdateCompletedEventAttributes.meta?.updateId ?? '');
    } else if (CLOSES.has(event.eventType)) progress.closed = true;
  }
  return progress;
}

export const CLOSES: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.WORKFLOW_EXECUTION_CANCELED,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
]);
