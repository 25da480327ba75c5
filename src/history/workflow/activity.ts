// Pending activities of a run: scheduled, started, heartbeating, retried, closed. An attempt's started event is written only
// when the activity closes, because every attempt but the last leaves no trace in history. Inside a decision.

import { ActivityInfo } from '#proto/ostinato/persistence/v1';
import type { ScheduleActivityTaskCommandAttributes } from '#proto/temporal/api/command/v1';
import type { Payloads } from '#proto/temporal/api/common/v1';
import { EventType, RetryState } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type { ActivityTaskScheduledEventAttributes, HistoryEventInit } from '#proto/temporal/api/history/v1';
import { ActivityTaskScheduledEventAttributes as ScheduledCodec } from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import type { Encoded } from '../../proto/wire.ts';
import { type ActivityDeadline, earliestDeadline } from '../activity-deadline.ts';
import { decideActivityRetry } from '../backoff/index.ts';
import { keptFailure } from '../kept-failure.ts';
import { TaskType } from '../queues/task-type.ts';
import type { Workflow } from './workflow.ts';

/** `started_event_id` of an attempt whose started event is not written (Temporal: common.TransientEventID). */
export const TRANSIENT_EVENT_ID = -124;
const EMPTY = ActivityInfo.decode(Buffer.alloc(0));

/**
 * Schedules an activity. Its caller starts it or lets it wait (letActivityWait), in the same decision. Returns its scheduled event id.
 */
export function scheduleActivity(
  workflow: Workflow,
  attributes: ScheduleActivityTaskCommandAttributes,
  completedEventId: number,
  options: { readonly userMetadata: HistoryEventInit['userMetadata'] },
): number {
  const scheduled = {
    activityId: attributes.activityId,
    activityType: attributes.activityType,
    taskQueue: attributes.taskQueue,
    header: attributes.header,
    input: attributes.input,
    scheduleToCloseTimeout: attributes.scheduleToCloseTimeout,
    scheduleToStartTimeout: attributes.scheduleToStartTimeout,
    startToCloseTimeout: attributes.startToCloseTimeout,
    heartbeatTimeout: attributes.heartbeatTimeout,
    workflowTaskCompletedEventId: completedEventId,
    retryPolicy: attributes.retryPolicy,
    useWorkflowBuildId: attributes.useWorkflowBuildId,
    priority: attributes.priority,
  };
  const event = workflow.events.add(EventType.ACTIVITY_TASK_SCHEDULED, {
    activityTaskScheduledEventAttributes: scheduled,
    userMetadata: options.userMetadata,
  });
  const timeMs = event.eventTime ?? workflow.nowMs;
  applyActivityScheduled(workflow, event.eventId, timeMs, ScheduledCodec.decode(ScheduledCodec.encode(scheduled)));
  workflow.state.activityCount++;
  return event.eventId;
}

/** State after the scheduled event; also when a run is rebuilt. */
export function applyActivityScheduled(
  workflow: Workflow,
  scheduledEventId: number,
  timeMs: number,
  attributes: ActivityTaskScheduledEventAttributes,
): void {
  const scheduleToClose = attributes.scheduleToCloseTimeout ?? 0;
  workflow.activities.put(scheduledEventId, {
    ...EMPTY,
    version: workflow.version,
    scheduledEventBatchId: attributes.workflowTaskCompletedEventId,
    scheduledEventId,
    scheduledTime: timeMs,
    firstScheduledTime: timeMs,
    activityId: attributes.activityId,
    activityType: attributes.activityType?.name ?? '',
    taskQueue: attributes.taskQueue?.name ?? '',
    scheduleToStartTimeout: attributes.scheduleToStartTimeout,
    scheduleToCloseTimeout: attributes.scheduleToCloseTimeout,
    startToCloseTimeout: attributes.startToCloseTimeout,
    heartbeatTimeout: attributes.heartbeatTimeout,
    attempt: 1,
    hasRetryPolicy: attributes.retryPolicy !== undefined,
    retryPolicy: attributes.retryPolicy,
    retryExpirationTime:
      attributes.retryPolicy === undefined || scheduleToClose <= 0 ? undefined : timeMs + scheduleToClose,
    priority: attributes.priority,
    useWorkflowBuildId: attributes.useWorkflowBuildId,
    input: attributes.input,
    header: attributes.header,
  });
}

/** The current attempt begins when a worker comes for it. */
export function letActivityWait(workflow: Workflow, activity: ActivityInfo): void {
  addTimeoutTask(workflow, activity.scheduledEventId);
  if (!workflow.state.paused) addActivityTask(workflow, activity);
}

/** The transfer task that hands the current attempt to matching. */
export function addActivityTask(workflow: Workflow, activity: ActivityInfo): void {
  workflow.addTask(TaskCategory.TRANSFER, {
    type: TaskType.ACTIVITY_TASK,
    eventId: activity.scheduledEventId,
    attempt: activity.attempt,
    stamp: activity.stamp,
    version: activity.version,
    taskQueue: activity.taskQueue,
  });
}

// -- Timeouts

/** What ends the current attempt, or the activity, next; undefined if nothing does: a paused one has no deadlines. */
export function nextDeadline(activity: ActivityInfo): ActivityDeadline | undefined {
  if (activity.paused) return undefined;
  return earliestDeadline(activity, activity.startedEventId === 0 ? 'waiting' : 'running');
}

/** One queued timer per activity, at its next deadline; none if an earlier one is queued, which will set the next. */
export function addTimeoutTask(workflow: Workflow, scheduledEventId: number): void {
  const activity = workflow.activities.get(scheduledEventId);
  if (activity === undefined) return;
  const deadline = nextDeadline(activity);
  if (deadline === undefined) return;
  const queuedMs = activity.timerTaskTime;
  if (queuedMs !== undefined && queuedMs > workflow.nowMs && queuedMs <= deadline.timeMs) return;
  workflow.activities.put(scheduledEventId, { ...activity, timerTaskTime: deadline.timeMs });
  workflow.addTask(
    TaskCategory.TIMER,
    {
      type: TaskType.ACTIVITY_TIMEOUT,
      eventId: scheduledEventId,
      attempt: activity.attempt,
      stamp: activity.stamp,
      timeoutType: deadline.timeoutType,
      version: activity.version,
    },
    deadline.timeMs,
  );
}

// -- Attempts

export interface StartActivity {
  readonly requestId: string;
  readonly identity: string;
}

export function startActivity(workflow: Workflow, activity: ActivityInfo, start: StartActivity): ActivityInfo {
  const started: ActivityInfo = {
    ...activity,
    version: workflow.version,
    startedEventId: TRANSIENT_EVENT_ID,
    requestId: start.requestId,
    startedTime: workflow.nowMs,
    startedIdentity: start.identity,
  };
  workflow.activities.put(activity.scheduledEventId, started);
  addTimeoutTask(workflow, activity.scheduledEventId);
  return started;
}

/** No worker got the started attempt: it is `start`'s from now on, and nobody else's who comes for it. */
export function takeOverStart(workflow: Workflow, activity: ActivityInfo, start: StartActivity): ActivityInfo {
  const takenOver: ActivityInfo = {
    ...activity,
    version: workflow.version,
    requestId: start.requestId,
    startedIdentity: start.identity,
  };
  workflow.activities.put(activity.scheduledEventId, takenOver);
  return takenOver;
}

export function recordHeartbeat(
  workflow: Workflow,
  activity: ActivityInfo,
  details: Encoded<Payloads> | undefined,
  identity = '',
): void {
  workflow.activities.put(activity.scheduledEventId, {
    ...activity,
    version: workflow.version,
    lastHeartbeatDetails: details,
    lastHeartbeatTime: workflow.nowMs,
    retryLastWorkerIdentity: identity === '' ? activity.retryLastWorkerIdentity : identity,
  });
}

/** An attempt failed or timed out: plans the next one if the policy allows it. Returns IN_PROGRESS then, else why not. */
export function retryActivity(
  workflow: Workflow,
  activity: ActivityInfo,
  failure: Encoded<Failure> | undefined,
): number {
  const nowMs = workflow.nowMs;
  const { retryState, backoffMs } = decideActivityRetry(
    {
      nowMs,
      attempt: activity.attempt,
      policy: activity.retryPolicy,
      expirationTimeMs: activity.retryExpirationTime,
      cancelRequested: activity.cancelRequested,
      paused: activity.paused,
    },
    failure,
  );
  if (retryState !== RetryState.IN_PROGRESS) return retryState;
  const attempted: ActivityInfo = {
    ...activity,
    version: workflow.version,
    attempt: activity.attempt + 1,
    startedEventId: 0,
    requestId: '',
    startedTime: undefined,
    startedIdentity: '',
    retryLastWorkerIdentity: activity.startedIdentity,
    retryLastFailure: keptFailure(workflow.environment.config, workflow.namespace.name, failure),
    lastAttemptCompleteTime: nowMs,
  };
  if (activity.paused) {
    // The next attempt is scheduled when the activity goes on.
    workflow.activities.put(activity.scheduledEventId, attempted);
    return retryState;
  }
  const next: ActivityInfo = {
    ...attempted,
    scheduledTime: nowMs + (backoffMs ?? 0),
    currentRetryInterval: backoffMs,
    activityReset: false,
    lastHeartbeatTime: activity.resetHeartbeats ? undefined : activity.lastHeartbeatTime,
    lastHeartbeatDetails: activity.resetHeartbeats ? undefined : activity.lastHeartbeatDetails,
    resetHeartbeats: false,
  };
  workflow.activities.put(activity.scheduledEventId, next);
  addRetryTask(workflow, next);
  addTimeoutTask(workflow, activity.scheduledEventId);
  return retryState;
}

/** The timer that hands the next attempt to matching. */
export function addRetryTask(workflow: Workflow, activity: ActivityInfo): void {
  workflow.addTask(
    TaskCategory.TIMER,
    {
      type: TaskType.ACTIVITY_RETRY,
      eventId: activity.scheduledEventId,
      attempt: activity.attempt,
      stamp: activity.stamp,
      version: activity.version,
    },
    activity.scheduledTime ?? workflow.nowMs,
  );
}

// -- Ends

/** Writes the attempt's started event, if it was started, and forgets the activity. Returns the started event's id. */
function closeActivity(workflow: Workflow, activity: ActivityInfo): number {
  let startedEventId = activity.startedEventId;
  if (startedEventId === TRANSIENT_EVENT_ID) {
    startedEventId = workflow.events.add(EventType.ACTIVITY_TASK_STARTED, {
      eventTime: activity.startedTime,
      activityTaskStartedEventAttributes: {
        scheduledEventId: activity.scheduledEventId,
        identity: activity.startedIdentity,
        requestId: activity.requestId,
        attempt: activity.attempt,
        lastFailure: activity.retryLastFailure,
      },
    }).eventId;
  }
  workflow.activities.delete(activity.scheduledEventId);
  return startedEventId;
}

export function completeActivity(
  workflow: Workflow,
  activity: ActivityInfo,
  done: { readonly result: Encoded<Payloads> | undefined; readonly identity: string },
): void {
  const startedEventId = closeActivity(workflow, activity);
  workflow.events.add(EventType.ACTIVITY_TASK_COMPLETED, {
    activityTaskCompletedEventAttributes: {
      result: done.result,
      scheduledEventId: activity.scheduledEventId,
      startedEventId,
      identity: done.identity,
    },
  });
}

export function failActivity(
  workflow: Workflow,
  activity: ActivityInfo,
  failed: { readonly failure: Encoded<Failure> | undefined; readonly identity: string; readonly retryState: number },
): void {
  const startedEventId = closeActivity(workflow, activity);
  workflow.events.add(EventType.ACTIVITY_TASK_FAILED, {
    activityTaskFailedEventAttributes: {
      failure: failed.failure,
      scheduledEventId: activity.scheduledEventId,
      startedEventId,
      identity: failed.identity,
      retryState: failed.retryState,
    },
  });
}

export function timeoutActivity(
  workflow: Workflow,
  activity: ActivityInfo,
  failure: Encoded<Failure>,
  retryState: number,
): void {
  const startedEventId = closeActivity(workflow, activity);
  workflow.events.add(EventType.ACTIVITY_TASK_TIMED_OUT, {
    activityTaskTimedOutEventAttributes: {
      failure,
      scheduledEventId: activity.scheduledEventId,
      startedEventId,
      retryState,
    },
  });
}

export function cancelActivity(
  workflow: Workflow,
  activity: ActivityInfo,
  canceled: {
    readonly details: Encoded<Payloads> | undefined;
    readonly identity: string;
    readonly cancelRequestedEventId: number;
    /** A command did it: the event comes behind those of the commands. */
    readonly byCommand?: boolean;
  },
): void {
  const startedEventId = closeActivity(workflow, activity);
  workflow.events.add(
    EventType.ACTIVITY_TASK_CANCELED,
    {
      activityTaskCanceledEventAttributes: {
        details: canceled.details,
        latestCancelRequestedEventId: canceled.cancelRequestedEventId,
        scheduledEventId: activity.scheduledEventId,
        startedEventId,
        identity: canceled.identity,
      },
    },
    canceled.byCommand,
  );
}
