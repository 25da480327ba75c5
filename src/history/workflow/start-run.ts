// The first event of a run and the state that follows from it: used by a client's start, a child's start, continue-as-new,
// retry, cron and reset, which all differ only in the started event's attributes.

import type { CurrentExecutionInit } from '#proto/ostinato/persistence/v1';
import { HistoryBranch, WorkflowState } from '#proto/ostinato/persistence/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { Memo, SearchAttributes } from '#proto/temporal/api/common/v1';
import { EventType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import type { HistoryEventInit, WorkflowExecutionStartedEventAttributesInit } from '#proto/temporal/api/history/v1';
import { WorkflowExecutionStartedEventAttributes } from '#proto/temporal/api/history/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TaskType } from '../queues/task-type.ts';
import { standbyCallbacks } from './callbacks.ts';
import type { WorkflowEnvironment } from './environment.ts';
import { RunState, VisibilityChange, Workflow } from './workflow.ts';

/** ShardTask.workflow_backoff_type */
export const BackoffType = Object.freeze({ RETRY: 1, CRON: 2, DELAY_START: 3 });

export interface NewRun {
  readonly namespace: NamespaceRecord;
  readonly workflowId: string;
  readonly runId: string;
  /** Makes the start idempotent (I6). */
  readonly requestId: string;
  readonly attributes: WorkflowExecutionStartedEventAttributesInit;
  readonly userMetadata?: HistoryEventInit['userMetadata'];
  readonly links?: HistoryEventInit['links'];
  /** The run's start time; now unless the run repeats another (reset). */
  readonly startTimeMs?: number;
}

const NO_STATE = WorkflowState.decode(Buffer.alloc(0));

/** An empty run with its history branch, before its first event. */
export function createRun(
  environment: WorkflowEnvironment,
  run: Omit<NewRun, 'attributes'>,
  branchId: string,
): Workflow {
  const branch = HistoryBranch.encode({ treeId: run.runId, branchId });
  const workflow = new Workflow(
    environment,
    run.namespace,
    {
      ...NO_STATE,
      namespaceId: run.namespace.id,
      workflowId: run.workflowId,
      runId: run.runId,
      state: RunState.CREATED,
      status: WorkflowExecutionStatus.RUNNING,
      createRequestId: run.requestId,
      nextEventId: 1,
      workflowTaskAttempt: 1,
      versionHistories: { currentIndex: 0, histories: [{ branchToken: branch, items: [] }] },
    },
    false,
  );
  return workflow;
}

/** Within a decision on a run fresh from `createRun`: writes the started event and what it implies. */
export function startRun(workflow: Workflow, run: NewRun): void {
  const branch = workflow.branch;
  workflow.addBranch({ treeId: branch.treeId, branchId: branch.branchId, data: workflow.branchToken });
  const event = workflow.events.add(EventType.WORKFLOW_EXECUTION_STARTED, {
    workflowExecutionStartedEventAttributes: run.attributes,
    userMetadata: run.userMetadata,
    links: run.links,
    eventTime: run.startTimeMs,
  });
  const startTimeMs = event.eventTime ?? workflow.nowMs;
  const attributes = WorkflowExecutionStartedEventAttributes.decode(
    WorkflowExecutionStartedEventAttributes.encode(run.attributes),
  );
  applyStarted(workflow, attributes, startTimeMs, run);
  addExpirationTasks(workflow);
  workflow.markVisibility(VisibilityChange.START);
}

/** State after the started event; also when a run is rebuilt from its history. */
export function applyStarted(
  workflow: Workflow,
  attributes: WorkflowExecutionStartedEventAttributes,
  startTimeMs: number,
  run: Pick<NewRun, 'requestId' | 'userMetadata'>,
): void {
  const state = workflow.state;
  const backoffMs = attributes.firstWorkflowTaskBackoff ?? 0;
  state.workflowType = attributes.workflowType?.name ?? '';
  state.taskQueue = attributes.taskQueue?.name ?? '';
  state.startTime = startTimeMs;
  state.executionTime = startTimeMs + backoffMs;
  state.executionTimeout = attributes.workflowExecutionTimeout;
  state.runTimeout = attributes.workflowRunTimeout;
  state.defaultWorkflowTaskTimeout = attributes.workflowTaskTimeout;
  state.firstWorkflowTaskBackoff = attributes.firstWorkflowTaskBackoff;
  state.firstExecutionRunId = attributes.firstExecutionRunId;
  state.originalExecutionRunId = attributes.originalExecutionRunId;
  state.continuedRunId = attributes.continuedExecutionRunId;
  state.attempt = attributes.attempt;
  state.retryPolicy = attributes.retryPolicy;
  state.cronSchedule = attributes.cronSchedule;
  state.executionExpirationTime = attributes.workflowExecutionExpirationTime;
  state.runExpirationTime = runExpirationMs(attributes, startTimeMs);
  state.firstRequestIdentity = attributes.identity;
  state.priority = attributes.priority;
  state.versioningOverride = attributes.versioningOverride;
  state.inheritedBuildId = attributes.inheritedBuildId;
  state.userMetadata = run.userMetadata;
  if (attributes.memo !== undefined) state.memo = Memo.decode(attributes.memo).fields;
  if (attributes.searchAttributes !== undefined) {
    state.searchAttributes = SearchAttributes.decode(attributes.searchAttributes).indexedFields;
  }
  if (attributes.parentWorkflowExecution !== undefined) {
    state.parentNamespace = attributes.parentWorkflowNamespace;
    state.parentNamespaceId = attributes.parentWorkflowNamespaceId;
    state.parentWorkflowId = attributes.parentWorkflowExecution.workflowId;
    state.parentRunId = attributes.parentWorkflowExecution.runId;
    state.parentInitiatedId = attributes.parentInitiatedEventId;
    state.parentInitiatedVersion = attributes.parentInitiatedEventVersion;
  }
  state.rootWorkflowId = attributes.rootWorkflowExecution?.workflowId ?? workflow.workflowId;
  state.rootRunId = attributes.rootWorkflowExecution?.runId ?? workflow.runId;
  state.autoResetPoints = (attributes.prevAutoResetPoints?.points ?? []).filter(
    ({ expireTime }) => expireTime === undefined || expireTime >= startTimeMs,
  );
  state.callbacks = standbyCallbacks(attributes.completionCallbacks, run.requestId, startTimeMs);
  state.requestIds = new Map([[run.requestId, { eventType: EventType.WORKFLOW_EXECUTION_STARTED, eventId: 1 }]]);
}

/** The run's end by timeout, if it has one: the earlier of run timeout and the execution's expiration. */
function runExpirationMs(attributes: WorkflowExecutionStartedEventAttributes, startTimeMs: number): number | undefined {
  const runTimeoutMs = attributes.workflowRunTimeout ?? 0;
  const expiration = attributes.workflowExecutionExpirationTime;
  if (runTimeoutMs <= 0) return expiration;
  const runEndMs = startTimeMs + (attributes.firstWorkflowTaskBackoff ?? 0) + runTimeoutMs;
  return expiration === undefined ? runEndMs : Math.min(runEndMs, expiration);
}

export function addExpirationTasks(workflow: Workflow): void {
  const { runExpirationTime, executionExpirationTime } = workflow.state;
  if (runExpirationTime !== undefined && runExpirationTime !== executionExpirationTime) {
    workflow.addTask(
      TaskCategory.TIMER,
      { type: TaskType.WORKFLOW_RUN_TIMEOUT, version: workflow.version },
      runExpirationTime,
    );
  }
  if (executionExpirationTime !== undefined) {
    workflow.addTask(
      TaskCategory.TIMER,
      { type: TaskType.WORKFLOW_EXECUTION_TIMEOUT, version: workflow.version },
      executionExpirationTime,
    );
  }
}

/** The first workflow task waits: cron, retry, or start delay. */
export function addBackoffTask(workflow: Workflow, backoffType: number): void {
  workflow.addTask(
    TaskCategory.TIMER,
    { type: TaskType.WORKFLOW_BACKOFF, workflowBackoffType: backoffType, version: workflow.version },
    workflow.state.executionTime ?? workflow.nowMs,
  );
}

/** What the current-run row says of this run. */
export function currentRow(workflow: Workflow): CurrentExecutionInit {
  const { state } = workflow;
  return {
    runId: workflow.runId,
    createRequestId: state.createRequestId,
    state: state.state,
    status: state.status,
    lastWriteVersion: workflow.version,
    startTime: state.startTime,
    closeTime: state.closeTime,
    requestIds: state.requestIds,
  };
}
