// The pending workflow task of a run: scheduled, started, completed, failed, timed out; normal, transient (a retry whose events
// are written only when it completes) and speculative (for updates; nothing is written unless the worker accepts one).
// Called by API handlers, commands and timers, inside a decision. Behaviour: Temporal's workflow task state machine, v1.31.

import {
  EventType,
  SuggestContinueAsNewReason,
  TaskQueueKind,
  TimeoutType,
  WorkerVersioningMode,
  WorkflowTaskFailedCause,
  WorkflowTaskFailedCauseNames,
} from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type { HistoryEventInit } from '#proto/temporal/api/history/v1';
import type { TaskQueueInit } from '#proto/temporal/api/taskqueue/v1';
import { Rejection } from '#proto/temporal/api/update/v1';
import type { RespondWorkflowTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import { invariant } from '../../base/invariant.ts';
import { TaskCategory } from '../../persistence/index.ts';
import type { Encoded } from '../../proto/wire.ts';
import {
  DISCARD_SPECULATIVE_MAX_EVENTS,
  HISTORY_COUNT_SUGGEST,
  HISTORY_SIZE_SUGGEST,
  WORKFLOW_TASK_RETRY_MAX_INTERVAL,
} from '../limits.ts';
import { TaskType } from '../queues/task-type.ts';
import { type CompletingWorker, recordCompletingWorker } from './completing-worker.ts';
import { clearProblems, countProblem, noteProblem } from './reported-problems.ts';
import type { Workflow } from './workflow.ts';
import { RunState, WorkflowTaskType } from './workflow.ts';
import { tellAttempt, tellFailure } from './workflow-task-attempts.ts';

/** Attempts that keep the plain timeout; later ones back off (Temporal: workflowTaskRetryBackoffMinAttempts). */
const BACKOFF_AFTER_ATTEMPTS = 3;
const RETRY_INITIAL_INTERVAL_MS = 5_000;
/** A speculative task that no worker takes becomes a normal one after this (Temporal: speculative schedule-to-start). */
const SPECULATIVE_SCHEDULE_TO_START_MS = 5_000;

/** A task whose scheduled and started events exist only if it completes. */
export function isTransient(workflow: Workflow): boolean {
  return workflow.state.workflowTaskAttempt > 1;
}

export function isSpeculative(workflow: Workflow): boolean {
  return workflow.state.workflowTaskType === WorkflowTaskType.SPECULATIVE;
}

/** Where the next workflow task goes: to the sticky queue while one is set. */
export function currentTaskQueue(workflow: Workflow): TaskQueueInit {
  const { stickyTaskQueue, taskQueue } = workflow.state;
  return stickyTaskQueue === ''
    ? { name: taskQueue, kind: TaskQueueKind.NORMAL }
    : { name: stickyTaskQueue, kind: TaskQueueKind.STICKY, normalName: taskQueue };
}

export function clearStickyTaskQueue(workflow: Workflow): void {
  workflow.state.stickyTaskQueue = '';
  workflow.state.stickyScheduleToStartTimeout = undefined;
}

export function setStickyTaskQueue(
  workflow: Workflow,
  name: string,
  scheduleToStartTimeoutMs: number | undefined,
): void {
  workflow.state.stickyTaskQueue = name;
  workflow.state.stickyScheduleToStartTimeout = scheduleToStartTimeoutMs;
}

export interface ScheduleOptions {
  /** The task is started within the same decision: no transfer task. */
  readonly bypassTask?: boolean;
  readonly speculative?: boolean;
  /** A heartbeating worker's next task keeps the time of the first. */
  readonly originalScheduledTimeMs?: number | undefined;
}

/** Schedules the next workflow task. There must be none. */
export function scheduleWorkflowTask(workflow: Workflow, options: ScheduleOptions = {}): void {
  const state = workflow.state;
  invariant(!workflow.hasPendingWorkflowTask, `run ${workflow.runId} has a workflow task already`);
  let speculative = options.speculative === true;
  if (workflow.events.hasBuffered) {
    // New events came: the task cannot repeat the last one, and they go first.
    state.workflowTaskAttempt = 1;
    speculative = false;
    workflow.events.flushBuffered();
  }
  if (state.workflowTaskAttempt < 1) state.workflowTaskAttempt = 1;
  const nowMs = workflow.nowMs;
  const attempt = state.workflowTaskAttempt;
  const timeoutMs = startToCloseTimeoutMs(workflow, attempt);
  const writesEvent = !isTransient(workflow) && !speculative;
  const scheduledEventId = writesEvent
    ? workflow.events.add(EventType.WORKFLOW_TASK_SCHEDULED, scheduledEvent(workflow, timeoutMs, attempt, nowMs))
        .eventId
    : state.nextEventId;
  if (state.state === RunState.CREATED) state.state = RunState.RUNNING;
  state.workflowTaskVersion = workflow.version;
  state.workflowTaskScheduledEventId = scheduledEventId;
  state.workflowTaskStartedEventId = 0;
  state.workflowTaskRequestId = '';
  state.workflowTaskTimeout = timeoutMs;
  state.workflowTaskScheduledTime = nowMs;
  state.workflowTaskStartedTime = undefined;
  state.workflowTaskOriginalScheduledTime = options.originalScheduledTimeMs ?? nowMs;
  state.workflowTaskType = speculative ? WorkflowTaskType.SPECULATIVE : WorkflowTaskType.NORMAL;
  state.workflowTaskSuggestContinueAsNew = false;
  state.workflowTaskHistorySizeBytes = 0;
  if (options.bypassTask === true || speculative) return;
  addDispatchTasks(workflow);
}

/** The transfer task, and the timeout that brings a sticky task back to the normal queue. */
export function addDispatchTasks(workflow: Workflow): void {
  const state = workflow.state;
  const sticky = workflow.isStickyEnabled;
  workflow.addTask(TaskCategory.TRANSFER, {
    type: TaskType.WORKFLOW_TASK,
    eventId: state.workflowTaskScheduledEventId,
    version: state.workflowTaskVersion,
    stamp: state.workflowTaskStamp,
    attempt: state.workflowTaskAttempt,
    taskQueue: sticky ? state.stickyTaskQueue : state.taskQueue,
    sticky,
  });
  const timeoutMs = state.stickyScheduleToStartTimeout;
  if (sticky && timeoutMs !== undefined && timeoutMs > 0) {
    addTimeoutTask(
      workflow,
      TimeoutType.SCHEDULE_TO_START,
      (state.workflowTaskScheduledTime ?? workflow.nowMs) + timeoutMs,
    );
  }
}

/** How long a speculative task may wait for a worker before it is scheduled as a normal one. */
export function speculativeScheduleToStartMs(workflow: Workflow): number {
  const sticky = workflow.state.stickyScheduleToStartTimeout;
  return workflow.isStickyEnabled && sticky !== undefined && sticky > 0 ? sticky : SPECULATIVE_SCHEDULE_TO_START_MS;
}

function addTimeoutTask(workflow: Workflow, timeoutType: TimeoutType, fireTimeMs: number): void {
  workflow.addTask(
    TaskCategory.TIMER,
    {
      ...workflowTaskTimeout(workflow, timeoutType),
      // Whoever leaves the sticky queue meanwhile still has its task there: it must come back all the same.
      sticky: workflow.isStickyEnabled,
    },
    fireTimeMs,
  );
}

/** The timer task of the pending workflow task. */
export function workflowTaskTimeout({ state }: Workflow, timeoutType: TimeoutType) {
  return {
    type: TaskType.WORKFLOW_TASK_TIMEOUT,
    eventId: state.workflowTaskScheduledEventId,
    attempt: state.workflowTaskAttempt,
    version: state.workflowTaskVersion,
    stamp: state.workflowTaskStamp,
    timeoutType,
  };
}

/** The started task's timeout; part of the commit that writes the start. */
export function addStartToCloseTimeoutTask(workflow: Workflow): void {
  addTimeoutTask(workflow, TimeoutType.START_TO_CLOSE, startToCloseDeadlineMs(workflow));
}

export function startToCloseDeadlineMs(workflow: Workflow): number {
  const state = workflow.state;
  return (state.workflowTaskStartedTime ?? workflow.nowMs) + (state.workflowTaskTimeout ?? 0);
}

export interface StartWorkflowTask {
  readonly requestId: string;
  readonly identity: string;
  /** Too many updates in this run: the worker should continue as new. */
  readonly tooManyUpdates?: boolean;
}

/** A worker takes the pending task. Whether events were written is left in `state.workflowTaskType` and the attempt. */
export function startWorkflowTask(workflow: Workflow, start: StartWorkflowTask): void {
  const state = workflow.state;
  invariant(
    workflow.hasPendingWorkflowTask && state.workflowTaskStartedEventId === 0,
    'a scheduled workflow task is there to start',
  );
  const nowMs = workflow.nowMs;
  const historySizeBytes = state.historySizeBytes;
  const reasons: number[] = [];
  const config = workflow.environment.config;
  const namespace = { namespace: workflow.namespace.name };
  if (historySizeBytes >= config.get(HISTORY_SIZE_SUGGEST, namespace))
    reasons.push(SuggestContinueAsNewReason.HISTORY_SIZE_TOO_LARGE);
  if (state.nextEventId >= config.get(HISTORY_COUNT_SUGGEST, namespace))
    reasons.push(SuggestContinueAsNewReason.TOO_MANY_HISTORY_EVENTS);
  if (start.tooManyUpdates === true) reasons.push(SuggestContinueAsNewReason.TOO_MANY_UPDATES);
  state.workflowTaskSuggestContinueAsNew = reasons.length !== 0;
  state.workflowTaskSuggestReasons = reasons;
  state.workflowTaskHistorySizeBytes = historySizeBytes;
  state.workflowTaskRequestId = start.requestId;
  state.workflowTaskWorkerIdentity = start.identity;
  state.workflowTaskStartedTime = nowMs;

  let writesEvents = !isTransient(workflow) && !isSpeculative(workflow);
  if (
    !writesEvents &&
    (state.workflowTaskScheduledEventId !== state.nextEventId || state.workflowTaskVersion !== workflow.version)
  ) {
    // Events came since the task was scheduled: it is a new task, not a repetition.
    state.workflowTaskAttempt = 1;
    state.workflowTaskType = WorkflowTaskType.NORMAL;
    writesEvents = true;
    state.workflowTaskScheduledEventId = workflow.events.add(
      EventType.WORKFLOW_TASK_SCHEDULED,
      scheduledEvent(workflow, state.workflowTaskTimeout ?? 0, 1, nowMs),
    ).eventId;
  }
  state.workflowTaskVersion = workflow.version;
  tellAttempt(workflow);
  if (!writesEvents) {
    state.workflowTaskStartedEventId = state.workflowTaskScheduledEventId + 1;
    return;
  }
  state.workflowTaskStartedEventId = addStartedEvent(workflow, start.identity, nowMs);
}

function scheduledEvent(workflow: Workflow, timeoutMs: number, attempt: number, timeMs: number): HistoryEventInit {
  return {
    eventTime: timeMs,
    workflowTaskScheduledEventAttributes: {
      taskQueue: currentTaskQueue(workflow),
      startToCloseTimeout: timeoutMs,
      attempt,
    },
  };
}

function startedAttributes(
  workflow: Workflow,
  identity: string,
): NonNullable<HistoryEventInit['workflowTaskStartedEventAttributes']> {
  const state = workflow.state;
  return {
    scheduledEventId: state.workflowTaskScheduledEventId,
    identity,
    requestId: state.workflowTaskRequestId,
    suggestContinueAsNew: state.workflowTaskSuggestContinueAsNew,
    suggestContinueAsNewReasons: state.workflowTaskSuggestReasons,
    historySizeBytes: state.workflowTaskHistorySizeBytes,
  };
}

/** The started event ends a batch: a reset may fork the history right behind it. */
function addStartedEvent(workflow: Workflow, identity: string, timeMs: number): number {
  const { eventId } = workflow.events.add(EventType.WORKFLOW_TASK_STARTED, {
    eventTime: timeMs,
    workflowTaskStartedEventAttributes: startedAttributes(workflow, identity),
  });
  workflow.events.closeBatch();
  return eventId;
}

/** Writes the scheduled and started events that a transient or speculative task has not written yet. */
function writeDeferredEvents(workflow: Workflow, identity: string): void {
  const state = workflow.state;
  const started = state.workflowTaskStartedEventId !== 0;
  // While it counts as started, the events added here would not be buffered (workflow task events never are).
  state.workflowTaskScheduledEventId = workflow.events.add(
    EventType.WORKFLOW_TASK_SCHEDULED,
    scheduledEvent(
      workflow,
      state.workflowTaskTimeout ?? 0,
      state.workflowTaskAttempt,
      state.workflowTaskScheduledTime ?? workflow.nowMs,
    ),
  ).eventId;
  if (started) {
    state.workflowTaskStartedEventId = addStartedEvent(
      workflow,
      identity,
      state.workflowTaskStartedTime ?? workflow.nowMs,
    );
  }
}

/** At the end of every written decision: a task that is in the store must be a normal one. */
export function makeSpeculativeTaskNormal(workflow: Workflow): void {
  const state = workflow.state;
  if (!isSpeculative(workflow) || !workflow.hasPendingWorkflowTask) return;
  state.workflowTaskType = WorkflowTaskType.NORMAL;
  const wasStarted = workflow.hasStartedWorkflowTask;
  writeDeferredEvents(workflow, '');
  if (wasStarted) {
    addStartToCloseTimeoutTask(workflow);
  } else {
    addDispatchTasks(workflow);
  }
}

/** Whether a speculative task's completion leaves no trace: the worker only rejected updates. */
function leavesNoTrace(workflow: Workflow, request: RespondWorkflowTaskCompletedRequest): boolean {
  if (!isSpeculative(workflow) || request.commands.length !== 0 || request.forceCreateNewWorkflowTask) return false;
  const state = workflow.state;
  const eventsSince = state.nextEventId - (state.lastCompletedWorkflowTaskStartedEventId + 2);
  const allowed =
    request.capabilities?.discardSpeculativeWorkflowTaskWithEvents === true
      ? workflow.environment.config.get(DISCARD_SPECULATIVE_MAX_EVENTS, { namespace: workflow.namespace.name })
      : 0;
  if (eventsSince > allowed) return false;
  return request.messages.every((message) => message.body?.typeUrl === `type.googleapis.com/${Rejection.typeName}`);
}

/** Ends the task as completed. Returns the completed event's id, 0 if the task left no trace. */
export function completeWorkflowTask(workflow: Workflow, request: RespondWorkflowTaskCompletedRequest): number {
  const state = workflow.state;
  const noTrace = leavesNoTrace(workflow, request);
  const deferred = isTransient(workflow) || isSpeculative(workflow);
  if (!noTrace && deferred) writeDeferredEvents(workflow, request.identity);
  const scheduledEventId = state.workflowTaskScheduledEventId;
  const startedEventId = state.workflowTaskStartedEventId;
  removeWorkflowTask(workflow);
  if (noTrace) return 0;
  const worker = completingWorker(request);
  const { eventId } = workflow.events.add(EventType.WORKFLOW_TASK_COMPLETED, {
    workflowTaskCompletedEventAttributes: {
      scheduledEventId,
      startedEventId,
      identity: request.identity,
      sdkMetadata: request.sdkMetadata,
      meteringMetadata: request.meteringMetadata,
      ...worker,
    },
  });
  state.lastCompletedWorkflowTaskStartedEventId = startedEventId;
  state.workflowTaskCount++;
  recordCompletingWorker(workflow, worker, eventId);
  clearProblems(workflow);
  return eventId;
}

function completingWorker(
  request: RespondWorkflowTaskCompletedRequest,
): CompletingWorker & { readonly versioningBehavior: number } {
  const { deployment, deploymentOptions: options } = request;
  const isVersioned = options?.workerVersioningMode === WorkerVersioningMode.VERSIONED;
  const given = isVersioned
    ? { buildId: options.buildId, deploymentName: options.deploymentName }
    : { buildId: deployment?.buildId ?? '', deploymentName: deployment?.seriesName ?? '' };
  return {
    binaryChecksum: request.binaryChecksum,
    workerVersion: request.workerVersionStamp,
    deploymentVersion: given.buildId === '' || given.deploymentName === '' ? undefined : given,
    workerDeploymentName: options?.deploymentName || (deployment?.seriesName ?? ''),
    // SDKs name a behavior also when their worker has no versioning.
    versioningBehavior: options === undefined || isVersioned ? request.versioningBehavior : 0,
  };
}

/** The task is gone; the next one is attempt 1. */
export function removeWorkflowTask(workflow: Workflow): void {
  resetWorkflowTask(workflow, 1);
}

function resetWorkflowTask(workflow: Workflow, nextAttempt: number): void {
  const state = workflow.state;
  if (workflow.hasStartedWorkflowTask) workflow.closeAttempted = false;
  state.workflowTaskVersion = 0;
  state.workflowTaskScheduledEventId = 0;
  state.workflowTaskStartedEventId = 0;
  state.workflowTaskRequestId = '';
  state.workflowTaskTimeout = undefined;
  state.workflowTaskAttempt = nextAttempt;
  state.workflowTaskStartedTime = undefined;
  state.workflowTaskScheduledTime = undefined;
  state.workflowTaskType = WorkflowTaskType.UNSPECIFIED;
  state.workflowTaskSuggestContinueAsNew = false;
  state.workflowTaskSuggestReasons = [];
  state.workflowTaskHistorySizeBytes = 0;
  workflow.volatileStart = false;
}

/** A failed task on a sticky queue is tried again on the normal one, as the same attempt. */
function retireFailedTask(workflow: Workflow, incrementAttempt: boolean): void {
  let increment = incrementAttempt;
  if (workflow.isStickyEnabled) {
    increment = false;
    clearStickyTaskQueue(workflow);
  }
  resetWorkflowTask(workflow, increment ? workflow.state.workflowTaskAttempt + 1 : 1);
  countProblem(workflow, increment);
}

export interface FailWorkflowTask {
  readonly cause: number;
  readonly failure?: Encoded<Failure> | undefined;
  readonly identity: string;
  readonly binaryChecksum?: string;
  readonly baseRunId?: string;
  readonly newRunId?: string;
  readonly forkEventVersion?: number;
}

/** Ends the task as failed. Returns the failed event's id, 0 for a transient task, which writes none. */
export function failWorkflowTask(workflow: Workflow, fail: FailWorkflowTask): number {
  const state = workflow.state;
  tellFailure(workflow, fail.cause);
  if (isSpeculative(workflow)) writeDeferredEvents(workflow, fail.identity);
  let eventId = 0;
  if (!isTransient(workflow)) {
    eventId = workflow.events.add(EventType.WORKFLOW_TASK_FAILED, {
      workflowTaskFailedEventAttributes: {
        scheduledEventId: state.workflowTaskScheduledEventId,
        startedEventId: state.workflowTaskStartedEventId,
        cause: fail.cause,
        failure: fail.failure,
        identity: fail.identity,
        binaryChecksum: fail.binaryChecksum,
        baseRunId: fail.baseRunId,
        newRunId: fail.newRunId,
        forkEventVersion: fail.forkEventVersion,
      },
    }).eventId;
  }
  if (eventId !== 0) noteProblem(workflow, 'Failed', WorkflowTaskFailedCauseNames.get(fail.cause));
  retireFailedTask(workflow, true);
  if (
    fail.cause === WorkflowTaskFailedCause.RESET_WORKFLOW ||
    fail.cause === WorkflowTaskFailedCause.FAILOVER_CLOSE_COMMAND
  ) {
    state.workflowTaskAttempt = 1;
  } else if (fail.cause === WorkflowTaskFailedCause.UNHANDLED_COMMAND) {
    workflow.closeAttempted = true;
  }
  return eventId;
}

/** The worker did not answer in time. */
export function timeoutStartedWorkflowTask(workflow: Workflow): number {
  const state = workflow.state;
  if (isSpeculative(workflow)) writeDeferredEvents(workflow, '');
  let eventId = 0;
  if (!isTransient(workflow)) {
    eventId = workflow.events.add(EventType.WORKFLOW_TASK_TIMED_OUT, {
      workflowTaskTimedOutEventAttributes: {
        scheduledEventId: state.workflowTaskScheduledEventId,
        startedEventId: state.workflowTaskStartedEventId,
        timeoutType: TimeoutType.START_TO_CLOSE,
      },
    }).eventId;
    noteProblem(workflow, 'TimedOut', 'StartToClose');
  }
  retireFailedTask(workflow, true);
  return eventId;
}

/** No worker took the task in time: a sticky queue's worker is gone, or a speculative task found none. */
export function timeoutScheduledWorkflowTask(workflow: Workflow): number {
  const state = workflow.state;
  if (isSpeculative(workflow)) writeDeferredEvents(workflow, '');
  const { eventId } = workflow.events.add(EventType.WORKFLOW_TASK_TIMED_OUT, {
    workflowTaskTimedOutEventAttributes: {
      scheduledEventId: state.workflowTaskScheduledEventId,
      startedEventId: 0,
      timeoutType: TimeoutType.SCHEDULE_TO_START,
    },
  });
  retireFailedTask(workflow, false);
  return eventId;
}

/**
 * The events of a transient or speculative task, which history does not have yet, as a reader who goes by `identity` sees them.
 * None once other events have come behind which they would have to be numbered anew.
 */
export function unwrittenTaskEvents(workflow: Workflow, identity: string): HistoryEventInit[] {
  const state = workflow.state;
  if (!(isTransient(workflow) || isSpeculative(workflow))) return [];
  if (state.workflowTaskScheduledEventId !== state.nextEventId) return [];
  const scheduled: HistoryEventInit = {
    ...scheduledEvent(
      workflow,
      state.workflowTaskTimeout ?? 0,
      state.workflowTaskAttempt,
      state.workflowTaskScheduledTime ?? 0,
    ),
    eventId: state.workflowTaskScheduledEventId,
    eventType: EventType.WORKFLOW_TASK_SCHEDULED,
    version: workflow.version,
  };
  if (!workflow.hasStartedWorkflowTask) return [scheduled];
  return [
    scheduled,
    {
      eventId: state.workflowTaskStartedEventId,
      eventTime: state.workflowTaskStartedTime,
      eventType: EventType.WORKFLOW_TASK_STARTED,
      version: workflow.version,
      workflowTaskStartedEventAttributes: startedAttributes(workflow, identity),
    },
  ];
}

function startToCloseTimeoutMs(workflow: Workflow, attempt: number): number {
  const timeoutMs = workflow.state.defaultWorkflowTaskTimeout ?? 0;
  if (attempt <= BACKOFF_AFTER_ATTEMPTS) return timeoutMs;
  const maxMs = workflow.environment.config.get(WORKFLOW_TASK_RETRY_MAX_INTERVAL);
  const backoffMs = Math.min(RETRY_INITIAL_INTERVAL_MS * 2 ** (attempt - BACKOFF_AFTER_ATTEMPTS - 1), maxMs);
  // Temporal subtracts up to a fifth at random; without it the timeouts of a failing fleet align, which is harmless here.
  return timeoutMs + backoffMs;
}

/** Something happened that the workflow's code must hear of: a task is scheduled unless one is pending already. */
export function ensureWorkflowTask(workflow: Workflow): void {
  if (!workflow.hasPendingWorkflowTask && !workflow.state.paused) scheduleWorkflowTask(workflow);
}

/** What was handed to matching is obsolete; the task, if no worker has it, is handed over anew. */
export function dispatchAgain(workflow: Workflow): void {
  if (!workflow.hasPendingWorkflowTask || workflow.hasStartedWorkflowTask || isSpeculative(workflow)) return;
  workflow.state.workflowTaskStamp++;
  addDispatchTasks(workflow);
}

/** The first workflow task waits for its backoff (cron, retry, start delay). */
export function isInFirstBackoff(workflow: Workflow): boolean {
  return (workflow.state.firstWorkflowTaskBackoff ?? 0) > 0 && !workflow.hadOrHasWorkflowTask;
}
