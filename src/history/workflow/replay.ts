// Rebuilds a run's state from its history: what each event left behind, without the decisions and tasks that came with it.
// Used by reset (events up to the reset point) and by the admin's rebuild. Inside a decision; call `refreshTasks` afterwards.

import {
  ChildExecutionInfo,
  RequestCancelInfo,
  SignalInfo,
  TimerInfo,
  UpdateInfo,
} from '#proto/ostinato/persistence/v1';
import { Memo, SearchAttributes } from '#proto/temporal/api/common/v1';
import { EventType, TimeoutType } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import {
  RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
  SignalExternalWorkflowExecutionInitiatedEventAttributes,
  StartChildWorkflowExecutionInitiatedEventAttributes,
} from '#proto/temporal/api/history/v1';
import { Request } from '#proto/temporal/api/update/v1';
import { mergePayloadMaps } from '../commands/validate/index.ts';
import { applyActivityScheduled } from './activity.ts';
import { standbyCallbacks } from './callbacks.ts';
import { childRequestId } from './child.ts';
import { applyClosed } from './close.ts';
import { recordCompletingWorker } from './completing-worker.ts';
import { applyPaused, applyUnpaused } from './pause.ts';
import { applyStarted } from './start-run.ts';
import { StoredUpdateStage } from './update/index.ts';
import type { Workflow } from './workflow.ts';
import { RunState, WorkflowTaskType } from './workflow.ts';

const NO_BYTES = Buffer.alloc(0);
const NO_TIMER = TimerInfo.decode(NO_BYTES);
const NO_CHILD = ChildExecutionInfo.decode(NO_BYTES);
const NO_CANCEL = RequestCancelInfo.decode(NO_BYTES);
const NO_SIGNAL = SignalInfo.decode(NO_BYTES);
const NO_UPDATE = UpdateInfo.decode(NO_BYTES);

/** `requestId` is what the run answers to as its start; a reset run begins anew at `startTimeMs`. */
export function replayEvent(workflow: Workflow, event: HistoryEvent, requestId: string, startTimeMs?: number): void {
  const state = workflow.state;
  const timeMs = event.eventTime ?? 0;
  const { eventId } = event;
  state.nextEventId = eventId + 1;
  switch (event.eventType) {
    case EventType.WORKFLOW_EXECUTION_STARTED: {
      const attributes = event.workflowExecutionStartedEventAttributes;
      if (attributes === undefined) return;
      workflow.startedEvent = event;
      applyStarted(workflow, attributes, startTimeMs ?? timeMs, { requestId, userMetadata: event.userMetadata });
      return;
    }
    case EventType.WORKFLOW_TASK_SCHEDULED: {
      const attributes = event.workflowTaskScheduledEventAttributes;
      state.state = RunState.RUNNING;
      state.workflowTaskVersion = event.version;
      state.workflowTaskScheduledEventId = eventId;
      state.workflowTaskStartedEventId = 0;
      state.workflowTaskTimeout = attributes?.startToCloseTimeout;
      state.workflowTaskAttempt = attributes?.attempt || 1;
      state.workflowTaskScheduledTime = timeMs;
      state.workflowTaskOriginalScheduledTime = timeMs;
      state.workflowTaskType = WorkflowTaskType.NORMAL;
      return;
    }
    case EventType.WORKFLOW_TASK_STARTED: {
      const attributes = event.workflowTaskStartedEventAttributes;
      state.workflowTaskStartedEventId = eventId;
      state.workflowTaskStartedTime = timeMs;
      state.workflowTaskRequestId = attributes?.requestId ?? '';
      state.workflowTaskWorkerIdentity = attributes?.identity ?? '';
      state.workflowTaskAttempt = 1;
      return;
    }
    case EventType.WORKFLOW_TASK_COMPLETED: {
      const attributes = event.workflowTaskCompletedEventAttributes;
      state.lastCompletedWorkflowTaskStartedEventId = attributes?.startedEventId ?? 0;
      state.workflowTaskCount++;
      endWorkflowTask(workflow, 1);
      if (attributes !== undefined) recordCompletingWorker(workflow, attributes, eventId);
      return;
    }
    case EventType.WORKFLOW_TASK_FAILED:
      endWorkflowTask(workflow, state.workflowTaskAttempt + 1);
      return;
    case EventType.WORKFLOW_TASK_TIMED_OUT: {
      const counts = event.workflowTaskTimedOutEventAttributes?.timeoutType !== TimeoutType.SCHEDULE_TO_START;
      endWorkflowTask(workflow, counts ? state.workflowTaskAttempt + 1 : 1);
      return;
    }
    case EventType.ACTIVITY_TASK_SCHEDULED: {
      const attributes = event.activityTaskScheduledEventAttributes;
      if (attributes === undefined) return;
      applyActivityScheduled(workflow, eventId, timeMs, attributes);
      state.activityCount++;
      return;
    }
    case EventType.ACTIVITY_TASK_STARTED: {
      const attributes = event.activityTaskStartedEventAttributes;
      const activity = workflow.activities.get(attributes?.scheduledEventId ?? 0);
      if (attributes === undefined || activity === undefined) return;
      workflow.activities.put(activity.scheduledEventId, {
        ...activity,
        startedEventId: eventId,
        startedTime: timeMs,
        startedIdentity: attributes.identity,
        requestId: attributes.requestId,
        attempt: attributes.attempt,
      });
      return;
    }
    case EventType.ACTIVITY_TASK_COMPLETED:
      workflow.activities.delete(event.activityTaskCompletedEventAttributes?.scheduledEventId ?? 0);
      return;
    case EventType.ACTIVITY_TASK_FAILED:
      workflow.activities.delete(event.activityTaskFailedEventAttributes?.scheduledEventId ?? 0);
      return;
    case EventType.ACTIVITY_TASK_TIMED_OUT:
      workflow.activities.delete(event.activityTaskTimedOutEventAttributes?.scheduledEventId ?? 0);
      return;
    case EventType.ACTIVITY_TASK_CANCELED:
      workflow.activities.delete(event.activityTaskCanceledEventAttributes?.scheduledEventId ?? 0);
      return;
    case EventType.ACTIVITY_TASK_CANCEL_REQUESTED: {
      const activity = workflow.activities.get(event.activityTaskCancelRequestedEventAttributes?.scheduledEventId ?? 0);
      if (activity === undefined) return;
      workflow.activities.put(activity.scheduledEventId, {
        ...activity,
        cancelRequested: true,
        cancelRequestId: eventId,
      });
      return;
    }
    case EventType.TIMER_STARTED: {
      const attributes = event.timerStartedEventAttributes;
      if (attributes === undefined) return;
      workflow.timers.put(attributes.timerId, {
        ...NO_TIMER,
        version: event.version,
        timerId: attributes.timerId,
        startedEventId: eventId,
        expiryTime: timeMs + (attributes.startToFireTimeout ?? 0),
      });
      state.userTimerCount++;
      return;
    }
    case EventType.TIMER_FIRED:
      workflow.timers.delete(event.timerFiredEventAttributes?.timerId ?? '');
      return;
    case EventType.TIMER_CANCELED:
      workflow.timers.delete(event.timerCanceledEventAttributes?.timerId ?? '');
      return;
    case EventType.WORKFLOW_EXECUTION_SIGNALED: {
      const requestId = event.workflowExecutionSignaledEventAttributes?.requestId ?? '';
      if (requestId !== '') workflow.signalRequestedIds.put(requestId, true);
      state.signalCount++;
      return;
    }
    case EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED:
      state.cancelRequested = true;
      return;
    case EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED: {
      const attributes = event.startChildWorkflowExecutionInitiatedEventAttributes;
      if (attributes === undefined) return;
      workflow.children.put(eventId, {
        ...NO_CHILD,
        version: event.version,
        initiatedEventBatchId: attributes.workflowTaskCompletedEventId,
        initiatedEventId: eventId,
        startedWorkflowId: attributes.workflowId,
        createRequestId: childRequestId(workflow, eventId),
        namespace: attributes.namespace,
        namespaceId: attributes.namespaceId,
        workflowType: attributes.workflowType?.name ?? '',
        parentClosePolicy: attributes.parentClosePolicy,
        initiated: StartChildWorkflowExecutionInitiatedEventAttributes.encode(attributes),
        userMetadata: event.userMetadata,
      });
      state.childExecutionCount++;
      return;
    }
    case EventType.CHILD_WORKFLOW_EXECUTION_STARTED: {
      const attributes = event.childWorkflowExecutionStartedEventAttributes;
      const child = workflow.children.get(attributes?.initiatedEventId ?? 0);
      if (attributes === undefined || child === undefined) return;
      workflow.children.put(child.initiatedEventId, {
        ...child,
        startedEventId: eventId,
        startedRunId: attributes.workflowExecution?.runId ?? '',
      });
      return;
    }
    case EventType.START_CHILD_WORKFLOW_EXECUTION_FAILED:
      workflow.children.delete(event.startChildWorkflowExecutionFailedEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED:
      workflow.children.delete(event.childWorkflowExecutionCompletedEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.CHILD_WORKFLOW_EXECUTION_FAILED:
      workflow.children.delete(event.childWorkflowExecutionFailedEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.CHILD_WORKFLOW_EXECUTION_CANCELED:
      workflow.children.delete(event.childWorkflowExecutionCanceledEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.CHILD_WORKFLOW_EXECUTION_TIMED_OUT:
      workflow.children.delete(event.childWorkflowExecutionTimedOutEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.CHILD_WORKFLOW_EXECUTION_TERMINATED:
      workflow.children.delete(event.childWorkflowExecutionTerminatedEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: {
      const attributes = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
      if (attributes === undefined) return;
      workflow.signals.put(eventId, {
        ...NO_SIGNAL,
        version: event.version,
        initiatedEventId: eventId,
        requestId: workflow.environment.newId(),
        initiated: SignalExternalWorkflowExecutionInitiatedEventAttributes.encode(attributes),
      });
      state.signalExternalCount++;
      return;
    }
    case EventType.EXTERNAL_WORKFLOW_EXECUTION_SIGNALED:
      workflow.signals.delete(event.externalWorkflowExecutionSignaledEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED:
      workflow.signals.delete(event.signalExternalWorkflowExecutionFailedEventAttributes?.initiatedEventId ?? 0);
      return;
    case EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: {
      const attributes = event.requestCancelExternalWorkflowExecutionInitiatedEventAttributes;
      if (attributes === undefined) return;
      workflow.requestCancels.put(eventId, {
        ...NO_CANCEL,
        version: event.version,
        initiatedEventId: eventId,
        cancelRequestId: workflow.environment.newId(),
        initiated: RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.encode(attributes),
      });
      state.requestCancelExternalCount++;
      return;
    }
    case EventType.EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
      workflow.requestCancels.delete(
        event.externalWorkflowExecutionCancelRequestedEventAttributes?.initiatedEventId ?? 0,
      );
      return;
    case EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED:
      workflow.requestCancels.delete(
        event.requestCancelExternalWorkflowExecutionFailedEventAttributes?.initiatedEventId ?? 0,
      );
      return;
    case EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: {
      const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes;
      if (upserted === undefined) return;
      state.searchAttributes = mergePayloadMaps(
        state.searchAttributes,
        SearchAttributes.decode(upserted).indexedFields,
      );
      return;
    }
    case EventType.WORKFLOW_PROPERTIES_MODIFIED: {
      const upserted = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo;
      if (upserted !== undefined) state.memo = mergePayloadMaps(state.memo, Memo.decode(upserted).fields);
      return;
    }
    case EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED: {
      const request = event.workflowExecutionUpdateAdmittedEventAttributes?.request;
      if (request === undefined) return;
      workflow.updates.put(request.meta?.updateId ?? '', {
        ...NO_UPDATE,
        stage: StoredUpdateStage.ADMITTED,
        eventId,
        request: Request.encode(request),
      });
      return;
    }
    case EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED: {
      const id = event.workflowExecutionUpdateAcceptedEventAttributes?.protocolInstanceId ?? '';
      workflow.updates.put(id, { ...NO_UPDATE, stage: StoredUpdateStage.ACCEPTED, eventId });
      state.updateCount++;
      return;
    }
    case EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED: {
      const id = event.workflowExecutionUpdateCompletedEventAttributes?.meta?.updateId ?? '';
      workflow.updates.put(id, { ...NO_UPDATE, stage: StoredUpdateStage.COMPLETED, eventId, eventBatchId: eventId });
      return;
    }
    case EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED: {
      const attributes = event.workflowExecutionOptionsUpdatedEventAttributes;
      if (attributes === undefined) return;
      const attached = attributes.attachedRequestId;
      if (attached !== '') {
        state.requestIds = new Map(state.requestIds).set(attached, { eventType: event.eventType, eventId });
      }
      const added = standbyCallbacks(attributes.attachedCompletionCallbacks, attached, timeMs);
      if (added.length !== 0) state.callbacks = [...state.callbacks, ...added];
      if (attributes.unsetVersioningOverride) state.versioningOverride = undefined;
      else state.versioningOverride = attributes.versioningOverride ?? state.versioningOverride;
      state.priority = attributes.priority ?? state.priority;
      return;
    }
    case EventType.WORKFLOW_EXECUTION_PAUSED: {
      const attributes = event.workflowExecutionPausedEventAttributes;
      if (attributes !== undefined) applyPaused(workflow, attributes, timeMs);
      return;
    }
    case EventType.WORKFLOW_EXECUTION_UNPAUSED:
      applyUnpaused(workflow);
      return;
    case EventType.WORKFLOW_EXECUTION_COMPLETED:
    case EventType.WORKFLOW_EXECUTION_FAILED:
    case EventType.WORKFLOW_EXECUTION_CANCELED:
    case EventType.WORKFLOW_EXECUTION_TERMINATED:
    case EventType.WORKFLOW_EXECUTION_TIMED_OUT:
    case EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
      applyClosed(workflow, event.eventType, eventId, timeMs);
      return;
    default: // markers and external events leave no state
  }
}

function endWorkflowTask(workflow: Workflow, nextAttempt: number): void {
  const state = workflow.state;
  state.workflowTaskScheduledEventId = 0;
  state.workflowTaskStartedEventId = 0;
  state.workflowTaskRequestId = '';
  state.workflowTaskAttempt = nextAttempt;
  state.workflowTaskStartedTime = undefined;
  state.workflowTaskScheduledTime = undefined;
  state.workflowTaskType = WorkflowTaskType.UNSPECIFIED;
}
