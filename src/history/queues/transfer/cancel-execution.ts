// Asks another workflow to cancel and records in the asker how it went.

import { RequestCancelExternalRequest } from '#proto/ostinato/history/v1';
import { CancelExternalWorkflowExecutionFailedCause as Cause, EventType } from '#proto/temporal/api/enums/v1';
import { RequestCancelExternalWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { RequestCancelWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';
import { HISTORY_SERVICE } from '../../workflow/close.ts';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { callShard } from '../call-shard.ts';
import { findForTask } from '../find-for-task.ts';
import { targetNamespaceName } from '../target-namespace-name.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const cancelExecution: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  const info = workflow?.requestCancels.get(task.eventId);
  if (workflow === undefined || !workflow.isRunning || info === undefined) return undefined;
  const attributes = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.decode(info.initiated);
  const target = attributes.workflowExecution ?? { workflowId: '', runId: '' };
  let failedCause: number | undefined;
  const namespace = await targetNamespaceName(engine, attributes);
  // A workflow neither signals nor cancels itself, nor another run under its id.
  if (target.workflowId === workflow.workflowId && attributes.namespaceId === workflow.namespaceId) {
    failedCause = Cause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
  } else {
    try {
      await callShard(
        engine,
        attributes.namespaceId,
        target.workflowId,
        'RequestCancelExternal',
        RequestCancelExternalRequest.encode({
          namespaceId: attributes.namespaceId,
          request: RequestCancelWorkflowExecutionRequest.encode({
            namespace,
            workflowExecution: target,
            identity: HISTORY_SERVICE,
            requestId: info.cancelRequestId,
            reason: attributes.reason,
          }),
          externalInitiatedEventId: task.eventId,
          externalExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
          childWorkflowOnly: attributes.childWorkflowOnly,
        }),
      );
    } catch (error) {
      failedCause = failureCause(error);
    }
  }
  if (!workflow.isRunning || !workflow.requestCancels.has(task.eventId)) return undefined;
  await shard.update(workflow, () => {
    workflow.requestCancels.delete(task.eventId);
    if (failedCause === undefined) {
      workflow.events.add(EventType.EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED, {
        externalWorkflowExecutionCancelRequestedEventAttributes: {
          initiatedEventId: task.eventId,
          namespace,
          namespaceId: attributes.namespaceId,
          workflowExecution: target,
        },
      });
    } else {
      workflow.events.add(EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED, {
        requestCancelExternalWorkflowExecutionFailedEventAttributes: {
          cause: failedCause,
          namespace,
          namespaceId: attributes.namespaceId,
          workflowExecution: target,
          initiatedEventId: task.eventId,
        },
      });
    }
    ensureWorkflowTask(workflow);
  });
  return undefined;
};

function failureCause(error: unknown): number {
  if (!(error instanceof ServiceError)) throw error;
  if (error.is('temporal.api.errordetails.v1.NamespaceNotFoundFailure')) return Cause.NAMESPACE_NOT_FOUND;
  if (error.code === GrpcCode.NOT_FOUND) return Cause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
  throw error;
}
