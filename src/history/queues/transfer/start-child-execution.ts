// Starts a child workflow in its own shard, records it in the parent, then lets the child's first workflow task begin: in this
// order, so that a child never runs unknown to its parent.

import {
  ScheduleWorkflowTaskRequest,
  StartChildWorkflowRequest,
  StartChildWorkflowResponse,
} from '#proto/ostinato/history/v1';
import type { ChildExecutionInfo, ShardTask } from '#proto/ostinato/persistence/v1';
import {
  StartChildWorkflowExecutionFailedCause as Cause,
  ParentClosePolicy,
  WorkflowIdConflictPolicy,
} from '#proto/temporal/api/enums/v1';
import { StartChildWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';
import type { HistoryEngine } from '../../engine.ts';
import { mergePriority } from '../../merge-priority.ts';
import { recordChildStarted, recordChildStartFailed } from '../../workflow/child.ts';
import type { Workflow } from '../../workflow/workflow.ts';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { callShard } from '../call-shard.ts';
import { findForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';
import { applyParentClosePolicy } from './close-execution.ts';

export const startChildExecution: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  const child = workflow?.children.get(task.eventId);
  if (workflow === undefined || child === undefined) return undefined;
  const isStarted = child.startedEventId !== 0;
  const isAbandoned = child.parentClosePolicy === ParentClosePolicy.ABANDON;
  // A started child goes on without its parent only if it was to be abandoned; closing the parent has seen to the others.
  if (!workflow.isRunning && isStarted && !isAbandoned) return undefined;

  let runId = child.startedRunId;
  if (!isStarted) {
    let started: string | undefined;
    try {
      started = await shard.holding(workflow, () => startChild(engine, workflow, child, task));
    } catch (error) {
      const cause = failureCause(error);
      if (!workflow.isRunning || workflow.children.get(task.eventId)?.startedEventId !== 0) return undefined;
      await shard.update(workflow, () => {
        recordChildStartFailed(workflow, child, cause);
        ensureWorkflowTask(workflow);
      });
      return undefined;
    }
    if (started === undefined) return undefined;
    runId = started;
    if (!workflow.isRunning) {
      // The parent closed meanwhile, perhaps before there was a child to which its policy could apply.
      if (workflow.state.resetRunId !== '') return undefined; // the run of the reset starts it as well, and goes on with it
      if (!isAbandoned) {
        await applyParentClosePolicy(engine, workflow, { ...child, startedRunId: runId });
        return undefined;
      }
    }
    const current = workflow.children.get(task.eventId);
    if (workflow.isRunning && current?.startedEventId === 0) {
      await shard.update(workflow, () => {
        recordChildStarted(workflow, current, runId);
        ensureWorkflowTask(workflow);
      });
    }
  }
  const { namespaceId, workflowId } = StartChildWorkflowExecutionInitiatedEventAttributes.decode(child.initiated);
  await callShard(
    engine,
    namespaceId,
    workflowId,
    'ScheduleWorkflowTask',
    ScheduleWorkflowTaskRequest.encode({
      namespaceId,
      execution: { workflowId, runId },
      isFirstWorkflowTask: true,
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof ServiceError) || error.code !== GrpcCode.NOT_FOUND) throw error;
  });
  return undefined;
};

/**
 * The child's run id. A parent that has closed starts nothing any more, but an attempt whose answer got lost may have done it: undefined
 * if none has.
 */
async function startChild(
  engine: HistoryEngine,
  workflow: Workflow,
  child: ChildExecutionInfo,
  task: ShardTask,
): Promise<string | undefined> {
  const attributes = StartChildWorkflowExecutionInitiatedEventAttributes.decode(child.initiated);
  const { state } = workflow;
  const response = await callShard(
    engine,
    attributes.namespaceId,
    attributes.workflowId,
    'StartChildWorkflow',
    StartChildWorkflowRequest.encode({
      namespaceId: attributes.namespaceId,
      request: StartWorkflowExecutionRequest.encode({
        namespace: attributes.namespace,
        workflowId: attributes.workflowId,
        workflowType: attributes.workflowType,
        taskQueue: attributes.taskQueue,
        input: attributes.input,
        header: attributes.header,
        workflowExecutionTimeout: attributes.workflowExecutionTimeout,
        workflowRunTimeout: attributes.workflowRunTimeout,
        workflowTaskTimeout: attributes.workflowTaskTimeout,
        identity: '',
        requestId: child.createRequestId,
        workflowIdReusePolicy: attributes.workflowIdReusePolicy,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        retryPolicy: attributes.retryPolicy,
        cronSchedule: attributes.cronSchedule,
        memo: attributes.memo,
        searchAttributes: attributes.searchAttributes,
        userMetadata: child.userMetadata,
        priority: mergePriority(state.priority, attributes.priority),
      }),
      parent: {
        namespaceId: workflow.namespaceId,
        namespace: workflow.namespace.name,
        execution: { workflowId: workflow.workflowId, runId: workflow.runId },
        initiatedId: task.eventId,
        initiatedVersion: task.version,
        rootExecution: { workflowId: state.rootWorkflowId, runId: state.rootRunId },
      },
      onlyFind: !workflow.isRunning,
    }),
  );
  const { runId, started } = StartChildWorkflowResponse.decode(response);
  return started ? runId : undefined;
}

function failureCause(error: unknown): number {
  if (!(error instanceof ServiceError)) throw error;
  if (error.is('temporal.api.errordetails.v1.NamespaceNotFoundFailure')) return Cause.NAMESPACE_NOT_FOUND;
  if (error.code === GrpcCode.ALREADY_EXISTS) return Cause.WORKFLOW_ALREADY_EXISTS;
  throw error;
}
