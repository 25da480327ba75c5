// A run as it stands: configuration, progress, what it waits for.

import type { CallbackInfo, WorkflowState } from '#proto/ostinato/persistence/v1';
import { Callback, Memo, SearchAttributes } from '#proto/temporal/api/common/v1';
import { PendingWorkflowTaskState, TaskQueueKind } from '#proto/temporal/api/enums/v1';
import type {
  CallbackInfoInit,
  PendingWorkflowTaskInfoInit,
  RequestIdInfoInit,
  WorkflowExecutionExtendedInfoInit,
  WorkflowExecutionInfoInit,
} from '#proto/temporal/api/workflow/v1';
import { WorkflowExecutionVersioningInfo } from '#proto/temporal/api/workflow/v1';
import {
  DescribeWorkflowExecutionRequest,
  DescribeWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { roundToMicroseconds } from '../../proto/wire.ts';
import { pendingActivity } from '../describe/pending-activity.ts';
import type { ApiHandler } from '../engine.ts';
import { loadStartedEvent } from '../started-event.ts';
import { BUFFERED_EVENT_ID } from '../workflow/event-buffer.ts';
import type { Workflow } from '../workflow/workflow.ts';

/** Go's zero time: what Temporal shows as the end of a run without timeout. */
const ZERO_TIME_MS = -62_135_596_800_000;

export const describeWorkflowExecution: ApiHandler = async (_engine, shard, api) => {
  const { execution } = DescribeWorkflowExecutionRequest.decode(api.request);
  const workflow = await shard.workflow(api.namespaceId, execution?.workflowId ?? '', execution?.runId ?? '');
  // Only a run that repeats another's history began before its own start.
  const startedMs = isResetRun(workflow)
    ? (await loadStartedEvent(shard, workflow)).eventTime
    : workflow.state.startTime;
  const answer = describe(workflow, startedMs);
  await shard.settled(workflow);
  return answer;
};

function isResetRun({ state, runId }: Workflow): boolean {
  return state.originalExecutionRunId !== '' && state.originalExecutionRunId !== runId;
}

function describe(workflow: Workflow, originalStartTime: number | undefined): Uint8Array {
  const { state } = workflow;
  return DescribeWorkflowExecutionResponse.encode({
    executionConfig: {
      taskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
      workflowExecutionTimeout: state.executionTimeout,
      workflowRunTimeout: state.runTimeout,
      defaultWorkflowTaskTimeout: state.defaultWorkflowTaskTimeout,
      userMetadata: state.userMetadata,
    },
    workflowExecutionInfo: executionInfo(workflow),
    workflowExtendedInfo: extendedInfo(workflow, originalStartTime),
    pendingActivities: [...workflow.activities.values()].map((activity) => pendingActivity(activity, workflow.nowMs)),
    pendingChildren: [...workflow.children.values()].map((child) => ({
      workflowId: child.startedWorkflowId,
      runId: child.startedRunId,
      workflowTypeName: child.workflowType,
      initiatedId: child.initiatedEventId,
      parentClosePolicy: child.parentClosePolicy,
    })),
    pendingWorkflowTask: pendingWorkflowTask(workflow),
    callbacks: state.callbacks.flatMap(callbackInfo),
  });
}

function executionInfo(workflow: Workflow): WorkflowExecutionInfoInit {
  const { state } = workflow;
  const closeTime = workflow.isRunning ? undefined : state.closeTime;
  const parent =
    state.parentRunId === ''
      ? {}
      : {
          parentNamespaceId: state.parentNamespaceId,
          parentExecution: { workflowId: state.parentWorkflowId, runId: state.parentRunId },
        };
  return {
    execution: { workflowId: workflow.workflowId, runId: workflow.runId },
    type: { name: state.workflowType },
    startTime: state.startTime,
    closeTime,
    status: state.status,
    historyLength: state.nextEventId - 1,
    executionTime: state.executionTime,
    memo: Memo.encode({ fields: state.memo }),
    searchAttributes: SearchAttributes.encode({ indexedFields: state.searchAttributes }),
    autoResetPoints: { points: state.autoResetPoints },
    taskQueue: state.taskQueue,
    stateTransitionCount: state.stateTransitionCount,
    historySizeBytes: state.historySizeBytes,
    executionDuration:
      closeTime === undefined
        ? undefined
        : roundToMicroseconds(Math.max(0, closeTime - (state.executionTime ?? state.startTime ?? closeTime))),
    rootExecution: { workflowId: state.rootWorkflowId, runId: state.rootRunId },
    mostRecentWorkerVersionStamp: state.mostRecentWorkerVersionStamp,
    assignedBuildId: state.assignedBuildId,
    inheritedBuildId: state.inheritedBuildId,
    firstRunId: state.firstExecutionRunId,
    versioningInfo: versioningInfo(state),
    workerDeploymentName: state.workerDeploymentName,
    priority: state.priority,
    ...parent,
  };
}

function versioningInfo(state: WorkflowState): WorkflowExecutionInfoInit['versioningInfo'] {
  if (state.versioningInfo.length === 0 && state.versioningOverride === undefined) return undefined;
  return {
    ...WorkflowExecutionVersioningInfo.decode(state.versioningInfo),
    versioningOverride: state.versioningOverride,
  };
}

function extendedInfo(workflow: Workflow, originalStartTime: number | undefined): WorkflowExecutionExtendedInfoInit {
  const { state } = workflow;
  const requestIdInfos = new Map<string, RequestIdInfoInit>();
  for (const [requestId, { eventType, eventId }] of state.requestIds) {
    const buffered = eventId === BUFFERED_EVENT_ID;
    requestIdInfos.set(requestId, { eventType, buffered, eventId: buffered ? 0 : eventId });
  }
  return {
    executionExpirationTime: state.executionExpirationTime,
    runExpirationTime: state.runTimeout ? state.runExpirationTime : ZERO_TIME_MS,
    cancelRequested: state.cancelRequested,
    lastResetTime: isResetRun(workflow) ? state.startTime : undefined,
    originalStartTime,
    resetRunId: state.resetRunId,
    requestIdInfos,
    pauseInfo: state.paused
      ? { identity: state.pauseIdentity, pausedTime: state.pauseTime, reason: state.pauseReason }
      : undefined,
  };
}

function pendingWorkflowTask(workflow: Workflow): PendingWorkflowTaskInfoInit | undefined {
  if (!workflow.hasPendingWorkflowTask) return undefined;
  const { state } = workflow;
  const started = workflow.hasStartedWorkflowTask;
  return {
    state: started ? PendingWorkflowTaskState.STARTED : PendingWorkflowTaskState.SCHEDULED,
    scheduledTime: state.workflowTaskScheduledTime,
    originalScheduledTime: state.workflowTaskOriginalScheduledTime,
    startedTime: started ? state.workflowTaskStartedTime : undefined,
    attempt: state.workflowTaskAttempt,
  };
}

/** Callbacks other than Nexus ones are kept but not shown, as in Temporal. */
function callbackInfo(info: CallbackInfo): CallbackInfoInit[] {
  const callback = Callback.decode(info.callback);
  if (callback.nexus === undefined) return [];
  return [
    {
      callback,
      trigger: { workflowClosed: {} },
      registrationTime: info.registrationTime,
      state: info.state,
      attempt: info.attempt,
      lastAttemptCompleteTime: info.lastAttemptCompleteTime,
      lastAttemptFailure: info.lastAttemptFailure,
      nextAttemptScheduleTime: info.nextAttemptScheduleTime,
    },
  ];
}
