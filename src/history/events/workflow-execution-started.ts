// WorkflowExecutionStarted, from a start request and what the run knows of the chain it is in: the first run of a client or a
// parent, or one that continues another.

import type { ParentInfo } from '#proto/ostinato/history/v1';
import type { Payloads, WorkflowExecutionInit } from '#proto/temporal/api/common/v1';
import { ContinueAsNewInitiator, EventType } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type { ResetPointsInit } from '#proto/temporal/api/workflow/v1';
import type { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import type { Encoded } from '../../proto/wire.ts';
import { firstWorkflowTaskBackoffMs } from '../backoff/index.ts';
import type { NewEvent } from './new-event.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from './null-fields.ts';

/** The request's part of a start: a client's request as it is, or what continue-as-new, retry and cron put in its place. */
export type StartRequest = Pick<
  StartWorkflowExecutionRequest,
  | 'workflowId'
  | 'workflowType'
  | 'taskQueue'
  | 'header'
  | 'input'
  | 'workflowRunTimeout'
  | 'workflowExecutionTimeout'
  | 'workflowTaskTimeout'
  | 'identity'
  | 'retryPolicy'
  | 'cronSchedule'
  | 'memo'
  | 'searchAttributes'
  | 'completionCallbacks'
  | 'versioningOverride'
  | 'priority'
  | 'requestEagerExecution'
  | 'userMetadata'
  | 'links'
>;

/** Where the run stands in its chain. */
export interface RunChain {
  readonly runId: string;
  readonly firstRunId: string;
  /** The run before; empty for a first one. */
  readonly continuedRunId: string;
  readonly attempt: number;
  readonly initiator: ContinueAsNewInitiator;
  readonly firstWorkflowTaskBackoffMs: number;
  /** Shared by all runs of the chain. */
  readonly executionExpirationTimeMs: number | undefined;
  readonly lastCompletionResult: Encoded<Payloads> | undefined;
  readonly continuedFailure: Encoded<Failure> | undefined;
  readonly resetPoints: ResetPointsInit | undefined;
  readonly parent: ParentInfo | undefined;
  /** Of a child: the root of its tree. Undefined when the run is a root itself. */
  readonly rootExecution: WorkflowExecutionInit | undefined;
}

/** The chain that a client's request, or a parent's, begins. */
export function firstRunOf(
  request: Pick<
    StartWorkflowExecutionRequest,
    'cronSchedule' | 'workflowStartDelay' | 'workflowExecutionTimeout' | 'lastCompletionResult' | 'continuedFailure'
  >,
  runId: string,
  nowMs: number,
): RunChain {
  const executionTimeoutMs = request.workflowExecutionTimeout ?? 0;
  return {
    runId,
    firstRunId: runId,
    continuedRunId: '',
    attempt: 1,
    initiator: request.cronSchedule === '' ? ContinueAsNewInitiator.UNSPECIFIED : ContinueAsNewInitiator.CRON_SCHEDULE,
    firstWorkflowTaskBackoffMs: firstWorkflowTaskBackoffMs(request.cronSchedule, request.workflowStartDelay, nowMs),
    executionExpirationTimeMs: executionTimeoutMs > 0 ? Math.round(nowMs + executionTimeoutMs) : undefined,
    lastCompletionResult: request.lastCompletionResult,
    continuedFailure: request.continuedFailure,
    resetPoints: undefined,
    parent: undefined,
    rootExecution: undefined,
  };
}

/** `request.requestEagerExecution` says whether the eager start is granted, not whether it was asked for. */
export function workflowExecutionStarted(request: StartRequest, chain: RunChain): NewEvent {
  const { parent } = chain;
  return {
    eventType: EventType.WORKFLOW_EXECUTION_STARTED,
    workflowExecutionStartedEventAttributes: {
      workflowType: request.workflowType,
      taskQueue: request.taskQueue,
      header: request.header,
      input: request.input,
      workflowRunTimeout: request.workflowRunTimeout,
      workflowExecutionTimeout: request.workflowExecutionTimeout,
      workflowTaskTimeout: request.workflowTaskTimeout,
      continuedExecutionRunId: chain.continuedRunId,
      prevAutoResetPoints: chain.resetPoints,
      identity: request.identity,
      retryPolicy: request.retryPolicy,
      attempt: chain.attempt,
      workflowExecutionExpirationTime: chain.executionExpirationTimeMs,
      cronSchedule: request.cronSchedule,
      lastCompletionResult: chain.lastCompletionResult,
      continuedFailure: chain.continuedFailure,
      initiator: chain.initiator,
      firstWorkflowTaskBackoff: chain.firstWorkflowTaskBackoffMs,
      firstExecutionRunId: chain.firstRunId,
      originalExecutionRunId: chain.runId,
      memo: withoutNullMemoFields(request.memo),
      searchAttributes: withoutNullSearchAttributes(request.searchAttributes),
      workflowId: request.workflowId,
      completionCallbacks: request.completionCallbacks,
      rootWorkflowExecution: chain.rootExecution,
      versioningOverride: request.versioningOverride,
      priority: request.priority,
      eagerExecutionAccepted: request.requestEagerExecution,
      parentWorkflowNamespaceId: parent?.namespaceId,
      parentWorkflowNamespace: parent?.namespace,
      parentWorkflowExecution: parent?.execution,
      parentInitiatedEventId: parent?.initiatedId,
      parentInitiatedEventVersion: parent?.initiatedVersion,
    },
    userMetadata: request.userMetadata,
    links: request.links,
  };
}
