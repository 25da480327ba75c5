// The run that follows a closed one under the same workflow id: continue-as-new, workflow retry, cron. It is decided within the
// decision that closes its predecessor and written with it.

import type { Payloads } from '#proto/temporal/api/common/v1';
import { Callback } from '#proto/temporal/api/common/v1';
import { ContinueAsNewInitiator, TaskQueueKind } from '#proto/temporal/api/enums/v1';
import type { Failure } from '#proto/temporal/api/failure/v1';
import type {
  WorkflowExecutionStartedEventAttributes,
  WorkflowExecutionStartedEventAttributesInit,
} from '#proto/temporal/api/history/v1';
import { invariant } from '../../base/invariant.ts';
import type { Encoded } from '../../proto/wire.ts';
import { decideNextRun, type NextRunDecision, type RunOutcome } from '../backoff/index.ts';
import { withoutNullMemoFields, withoutNullSearchAttributes } from '../events/index.ts';
import { WORKFLOW_ID_REUSE_MINIMAL_INTERVAL } from '../limits.ts';
import { addBackoffTask, BackoffType, createRun, startRun } from './start-run.ts';
import type { Workflow } from './workflow.ts';
import { scheduleWorkflowTask } from './workflow-task.ts';

/** What the closing run's retry policy and cron schedule say. Needs the started event (loadStartedEvent) if either is set. */
export function nextRunOf(workflow: Workflow, outcome: RunOutcome): NextRunDecision {
  const { state } = workflow;
  return decideNextRun(
    {
      nowMs: workflow.nowMs,
      startTimeMs: state.startTime ?? workflow.nowMs,
      executionTimeMs: state.executionTime,
      executionExpirationTimeMs: state.executionExpirationTime,
      attempt: state.attempt,
      retryPolicy: state.retryPolicy,
      cronSchedule: state.cronSchedule,
      lastCompletionResult: workflow.startedEvent?.workflowExecutionStartedEventAttributes?.lastCompletionResult,
      minimalIntervalMs: minimalIntervalMs(workflow),
    },
    outcome,
  );
}

export function minimalIntervalMs(workflow: Workflow): number {
  return workflow.environment.config.get(WORKFLOW_ID_REUSE_MINIMAL_INTERVAL, { namespace: workflow.namespace.name });
}

export interface Successor {
  readonly runId: string;
  readonly initiator: number;
  readonly backoffMs: number;
  readonly attempt: number;
  readonly lastCompletionResult: Encoded<Payloads> | undefined;
  readonly continuedFailure: Encoded<Failure> | undefined;
  /** What the new run is told: a command's attributes, or the closed run's own start. */
  readonly start: Pick<
    WorkflowExecutionStartedEventAttributesInit,
    | 'workflowType'
    | 'taskQueue'
    | 'input'
    | 'header'
    | 'workflowRunTimeout'
    | 'workflowTaskTimeout'
    | 'retryPolicy'
    | 'cronSchedule'
    | 'memo'
    | 'searchAttributes'
  >;
  readonly keepsCallbacks: boolean;
}

/** The start of the closed run, repeated by retry and cron. */
export function repeatedStart(attributes: WorkflowExecutionStartedEventAttributes): Successor['start'] {
  const {
    workflowType,
    taskQueue,
    input,
    header,
    workflowRunTimeout,
    workflowTaskTimeout,
    retryPolicy,
    cronSchedule,
    memo,
    searchAttributes,
  } = attributes;
  return {
    workflowType,
    taskQueue,
    input,
    header,
    workflowRunTimeout,
    workflowTaskTimeout,
    retryPolicy,
    cronSchedule,
    memo,
    searchAttributes,
  };
}

/** Begins a retry or cron run with the started event of the closing one. */
export function repeatRun(workflow: Workflow, runId: string, next: NonNullable<NextRunDecision['next']>): void {
  const attributes = workflow.startedEvent?.workflowExecutionStartedEventAttributes;
  invariant(attributes !== undefined, 'the started event is loaded before a run that may be followed closes');
  beginSuccessor(workflow, {
    runId,
    initiator: next.initiator,
    backoffMs: next.backoffMs,
    attempt: next.attempt,
    lastCompletionResult: next.lastCompletionResult,
    continuedFailure: next.continuedFailure,
    start: repeatedStart(attributes),
    keepsCallbacks: next.initiator === ContinueAsNewInitiator.RETRY,
  });
}

export function beginSuccessor(workflow: Workflow, successor: Successor): void {
  const { state, environment, namespace } = workflow;
  const { start } = successor;
  const run = { namespace, workflowId: workflow.workflowId, runId: successor.runId, requestId: environment.newId() };
  const next = createRun(environment, run, environment.newId());
  expireResetPoints(workflow);
  const attributes: WorkflowExecutionStartedEventAttributesInit = {
    workflowType: start.workflowType ?? { name: state.workflowType },
    taskQueue: { name: start.taskQueue?.name || state.taskQueue, kind: TaskQueueKind.NORMAL },
    input: start.input,
    header: start.header,
    workflowExecutionTimeout: state.executionTimeout,
    workflowRunTimeout: start.workflowRunTimeout,
    workflowTaskTimeout: start.workflowTaskTimeout || state.defaultWorkflowTaskTimeout,
    continuedExecutionRunId: workflow.runId,
    initiator: successor.initiator,
    continuedFailure: successor.continuedFailure,
    lastCompletionResult: successor.lastCompletionResult,
    originalExecutionRunId: successor.runId,
    firstExecutionRunId: state.firstExecutionRunId,
    retryPolicy: start.retryPolicy,
    attempt: successor.attempt,
    workflowExecutionExpirationTime: state.executionExpirationTime,
    cronSchedule: start.cronSchedule,
    firstWorkflowTaskBackoff: successor.backoffMs > 0 ? successor.backoffMs : undefined,
    memo: withoutNullMemoFields(start.memo),
    searchAttributes: withoutNullSearchAttributes(start.searchAttributes),
    prevAutoResetPoints: state.autoResetPoints.length === 0 ? undefined : { points: state.autoResetPoints },
    workflowId: workflow.workflowId,
    completionCallbacks: successor.keepsCallbacks
      ? state.callbacks.map(({ callback }) => Callback.decode(callback))
      : [],
    priority: state.priority,
    versioningOverride: state.versioningOverride,
    ...(state.parentWorkflowId === ''
      ? {}
      : {
          parentWorkflowNamespace: state.parentNamespace,
          parentWorkflowNamespaceId: state.parentNamespaceId,
          parentWorkflowExecution: { workflowId: state.parentWorkflowId, runId: state.parentRunId },
          parentInitiatedEventId: state.parentInitiatedId,
          parentInitiatedEventVersion: state.parentInitiatedVersion,
          rootWorkflowExecution: { workflowId: state.rootWorkflowId, runId: state.rootRunId },
        }),
  };
  next.decide(() => {
    startRun(next, { ...run, attributes, links: workflow.startedEvent?.links });
    if (successor.backoffMs > 0) {
      addBackoffTask(next, successor.initiator === ContinueAsNewInitiator.RETRY ? BackoffType.RETRY : BackoffType.CRON);
    } else {
      scheduleWorkflowTask(next);
    }
  });
  state.newRunId = successor.runId;
  workflow.successor = next;
}

/** Resets to points of this run are possible until its history is deleted. */
function expireResetPoints(workflow: Workflow): void {
  const expireTime = workflow.nowMs + (workflow.namespace.retention ?? 0);
  workflow.state.autoResetPoints = workflow.state.autoResetPoints.map((point) =>
    point.runId === workflow.runId ? { ...point, expireTime } : point,
  );
}
