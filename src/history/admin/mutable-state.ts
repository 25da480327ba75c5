// A run's state in the form of Temporal's operators' tools (temporal.server.api.persistence.v1.WorkflowMutableState). Only what the
// stored state knows is filled. Used by the admin calls; history thread.

import type {
  ActivityInfo,
  ChildExecutionInfo,
  TimerInfo,
  UpdateInfo,
  WorkflowState,
} from '#proto/ostinato/persistence/v1';
import type { RetryPolicy } from '#proto/temporal/api/common/v1';
import { WorkflowTaskType as TemporalTaskType } from '#proto/temporal/server/api/enums/v1';
import type * as temporal from '#proto/temporal/server/api/persistence/v1';
import { StoredUpdateStage } from '../workflow/update/index.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { WorkflowTaskType } from '../workflow/workflow.ts';

/** Temporal's default for a workflow task version and for events that do not exist. */
const NONE = 0;
/** Temporal's id of a workflow task that nobody has started (mutable_state_impl.go emptyUUID, v1.31). */
const NO_REQUEST = 'emptyUuid';

export function mutableState(workflow: Workflow): temporal.WorkflowMutableStateInit {
  return {
    activityInfos: mapValues(workflow.activities.entriesOf(), activityInfo),
    timerInfos: mapValues(workflow.timers.entriesOf(), timerInfo),
    childExecutionInfos: mapValues(workflow.children.entriesOf(), childInfo),
    requestCancelInfos: mapValues(workflow.requestCancels.entriesOf(), (info) => ({
      version: info.version,
      cancelRequestId: info.cancelRequestId,
      initiatedEventId: info.initiatedEventId,
    })),
    signalInfos: mapValues(workflow.signals.entriesOf(), (info) => ({
      version: info.version,
      requestId: info.requestId,
      initiatedEventId: info.initiatedEventId,
    })),
    signalRequestedIds: [...workflow.signalRequestedIds.keys()],
    executionInfo: executionInfo(workflow),
    executionState: executionState(workflow),
    nextEventId: workflow.state.nextEventId,
    bufferedEvents: workflow.events.bufferedEvents(),
  };
}

function executionInfo(workflow: Workflow): temporal.WorkflowExecutionInfoInit {
  const { state } = workflow;
  return {
    namespaceId: state.namespaceId,
    workflowId: state.workflowId,
    parentNamespaceId: state.parentNamespaceId,
    parentWorkflowId: state.parentWorkflowId,
    parentRunId: state.parentRunId,
    parentInitiatedId: state.parentInitiatedId,
    parentInitiatedVersion: state.parentInitiatedVersion,
    rootWorkflowId: state.rootWorkflowId,
    rootRunId: state.rootRunId,
    // A closed run gets no further batch.
    completionEventBatchId: workflow.isRunning ? NONE : state.lastFirstEventId,
    taskQueue: state.taskQueue,
    workflowTypeName: state.workflowType,
    workflowExecutionTimeout: state.executionTimeout || undefined,
    workflowRunTimeout: state.runTimeout || undefined,
    defaultWorkflowTaskTimeout: state.defaultWorkflowTaskTimeout,
    lastFirstEventId: state.lastFirstEventId,
    lastFirstEventTxnId: state.lastFirstEventTxnId,
    lastCompletedWorkflowTaskStartedEventId: state.lastCompletedWorkflowTaskStartedEventId,
    startTime: state.startTime,
    executionTime: state.executionTime,
    closeTime: state.closeTime,
    lastUpdateTime: state.lastUpdateTimeMs,
    stateTransitionCount: state.stateTransitionCount,
    transitionHistory: [{ namespaceFailoverVersion: workflow.version, transitionCount: state.stateTransitionCount }],
    executionStats: { historySize: state.historySizeBytes },
    cancelRequested: state.cancelRequested,
    cancelRequestId: state.cancelRequestId,
    stickyTaskQueue: state.stickyTaskQueue,
    stickyScheduleToStartTimeout: state.stickyScheduleToStartTimeout,
    attempt: state.attempt,
    ...retryFields(state.retryPolicy),
    hasRetryPolicy: state.retryPolicy !== undefined,
    workflowExecutionExpirationTime: state.executionExpirationTime,
    workflowRunExpirationTime: state.runExpirationTime,
    cronSchedule: state.cronSchedule,
    autoResetPoints: { points: state.autoResetPoints },
    searchAttributes: state.searchAttributes,
    memo: state.memo,
    versionHistories: versionHistories(state),
    firstExecutionRunId: state.firstExecutionRunId,
    originalExecutionRunId: state.originalExecutionRunId,
    newExecutionRunId: state.newRunId,
    workflowWasReset: state.wasReset,
    resetRunId: state.resetRunId,
    assignedBuildId: state.assignedBuildId,
    inheritedBuildId: state.inheritedBuildId,
    workerDeploymentName: state.workerDeploymentName,
    priority: state.priority,
    pauseInfo: state.paused
      ? {
          pauseTime: state.pauseTime,
          identity: state.pauseIdentity,
          reason: state.pauseReason,
          requestId: state.pauseRequestId,
        }
      : undefined,
    signalCount: state.signalCount,
    activityCount: state.activityCount,
    childExecutionCount: state.childExecutionCount,
    userTimerCount: state.userTimerCount,
    requestCancelExternalCount: state.requestCancelExternalCount,
    signalExternalCount: state.signalExternalCount,
    updateCount: state.updateCount,
    updateInfos: mapValues(workflow.updates.entriesOf(), updateInfo),
    ...workflowTaskFields(state),
  };
}

function workflowTaskFields(state: WorkflowState): temporal.WorkflowExecutionInfoInit {
  return {
    workflowTaskVersion: state.workflowTaskVersion,
    workflowTaskScheduledEventId: state.workflowTaskScheduledEventId,
    workflowTaskStartedEventId: state.workflowTaskStartedEventId,
    workflowTaskTimeout: state.workflowTaskTimeout,
    workflowTaskAttempt: state.workflowTaskAttempt,
    workflowTaskStartedTime: state.workflowTaskStartedTime,
    workflowTaskScheduledTime: state.workflowTaskScheduledTime,
    workflowTaskOriginalScheduledTime: state.workflowTaskOriginalScheduledTime,
    workflowTaskRequestId: state.workflowTaskRequestId || NO_REQUEST,
    workflowTaskType:
      state.workflowTaskType === WorkflowTaskType.SPECULATIVE ? TemporalTaskType.SPECULATIVE : state.workflowTaskType,
    workflowTaskSuggestContinueAsNew: state.workflowTaskSuggestContinueAsNew,
    workflowTaskSuggestContinueAsNewReasons: state.workflowTaskSuggestReasons,
    workflowTaskHistorySizeBytes: state.workflowTaskHistorySizeBytes,
    workflowTaskStamp: state.workflowTaskStamp,
  };
}

function executionState(workflow: Workflow): temporal.WorkflowExecutionStateInit {
  const { state } = workflow;
  return {
    createRequestId: state.createRequestId,
    runId: state.runId,
    state: state.state,
    status: state.status,
    startTime: state.startTime,
    requestIds: state.requestIds,
  };
}

function versionHistories({
  versionHistories: histories,
}: WorkflowState): temporal.WorkflowExecutionInfoInit['versionHistories'] {
  if (histories === undefined) return undefined;
  return { currentVersionHistoryIndex: histories.currentIndex, histories: histories.histories };
}

function retryFields(policy: RetryPolicy | undefined) {
  return {
    retryInitialInterval: policy?.initialInterval,
    retryMaximumInterval: policy?.maximumInterval,
    retryMaximumAttempts: policy?.maximumAttempts,
    retryBackoffCoefficient: policy?.backoffCoefficient,
    retryNonRetryableErrorTypes: policy?.nonRetryableErrorTypes,
  };
}

function activityInfo(info: ActivityInfo): temporal.ActivityInfoInit {
  return {
    version: info.version,
    scheduledEventBatchId: info.scheduledEventBatchId,
    scheduledEventId: info.scheduledEventId,
    scheduledTime: info.scheduledTime,
    firstScheduledTime: info.firstScheduledTime,
    startedEventId: info.startedEventId,
    startedTime: info.startedTime,
    activityId: info.activityId,
    activityType: { name: info.activityType },
    requestId: info.requestId,
    scheduleToStartTimeout: info.scheduleToStartTimeout,
    scheduleToCloseTimeout: info.scheduleToCloseTimeout,
    startToCloseTimeout: info.startToCloseTimeout,
    heartbeatTimeout: info.heartbeatTimeout,
    cancelRequested: info.cancelRequested,
    cancelRequestId: info.cancelRequestId,
    attempt: info.attempt,
    taskQueue: info.taskQueue,
    startedIdentity: info.startedIdentity,
    hasRetryPolicy: info.hasRetryPolicy,
    ...retryFields(info.retryPolicy),
    retryExpirationTime: info.retryExpirationTime,
    retryLastFailure: info.retryLastFailure,
    retryLastWorkerIdentity: info.retryLastWorkerIdentity,
    lastHeartbeatDetails: info.lastHeartbeatDetails,
    lastHeartbeatUpdateTime: info.lastHeartbeatTime,
    lastAttemptCompleteTime: info.lastAttemptCompleteTime,
    stamp: info.stamp,
    paused: info.paused,
    priority: info.priority,
    activityReset: info.activityReset,
    resetHeartbeats: info.resetHeartbeats,
  };
}

function timerInfo(info: TimerInfo): temporal.TimerInfoInit {
  return {
    version: info.version,
    timerId: info.timerId,
    startedEventId: info.startedEventId,
    expiryTime: info.expiryTime,
  };
}

function childInfo(info: ChildExecutionInfo): temporal.ChildExecutionInfoInit {
  return {
    version: info.version,
    initiatedEventBatchId: info.initiatedEventBatchId,
    initiatedEventId: info.initiatedEventId,
    startedEventId: info.startedEventId,
    startedWorkflowId: info.startedWorkflowId,
    startedRunId: info.startedRunId,
    createRequestId: info.createRequestId,
    namespace: info.namespace,
    namespaceId: info.namespaceId,
    workflowTypeName: info.workflowType,
    parentClosePolicy: info.parentClosePolicy,
  };
}

function updateInfo({ stage, eventId, eventBatchId }: UpdateInfo): temporal.UpdateInfoInit {
  if (stage === StoredUpdateStage.COMPLETED) return { completion: { eventId, eventBatchId } };
  if (stage === StoredUpdateStage.ACCEPTED) return { acceptance: { eventId } };
  return { admission: { historyPointer: { eventId, eventBatchId } } };
}

function mapValues<K, V, W>(entries: readonly (readonly [K, V])[], change: (value: V) => W): ReadonlyMap<K, W> {
  return new Map(entries.map(([key, value]) => [key, change(value)]));
}
