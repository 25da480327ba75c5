// Delivers a signal from one workflow to another and records in the sender how it went.

import { SignalExternalRequest } from '#proto/ostinato/history/v1';
import { SignalExternalWorkflowExecutionFailedCause as Cause, EventType } from '#proto/temporal/api/enums/v1';
import { SignalExternalWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { SignalWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';
import { HISTORY_SERVICE } from '../../workflow/close.ts';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { callShard } from '../call-shard.ts';
import { findForTask } from '../find-for-task.ts';
import { targetNamespaceName } from '../target-namespace-name.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const signalExecution: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  const signal = workflow?.signals.get(task.eventId);
  if (workflow === undefined || !workflow.isRunning || signal === undefined) return undefined;
  const attributes = SignalExternalWorkflowExecutionInitiatedEventAttributes.decode(signal.initiated);
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
        'SignalExternal',
        SignalExternalRequest.encode({
          namespaceId: attributes.namespaceId,
          request: SignalWorkflowExecutionRequest.encode({
            namespace,
            workflowExecution: target,
            signalName: attributes.signalName,
            input: attributes.input,
            identity: HISTORY_SERVICE,
            requestId: signal.requestId,
            control: attributes.control,
            header: attributes.header,
          }),
          externalExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
          childWorkflowOnly: attributes.childWorkflowOnly,
        }),
      );
    } catch (error) {
      failedCause = failureCause(error);
    }
  }
  if (!workflow.isRunning || !workflow.signals.has(task.eventId)) return undefined;
  await shard.update(workflow, () => {
    workflow.signals.delete(task.eventId);
    if (failedCause === undefined) {
      workflow.events.add(EventType.EXTERNAL_WORKFLOW_EXECUTION_SIGNALED, {
        externalWorkflowExecutionSignaledEventAttributes: {
          initiatedEventId: task.eventId,
          namespace,
          namespaceId: attributes.namespaceId,
          workflowExecution: target,
          control: attributes.control,
        },
      });
    } else {
      workflow.events.add(EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED, {
        signalExternalWorkflowExecutionFailedEventAttributes: {
          cause: failedCause,
          namespace,
          namespaceId: attributes.namespaceId,
          workflowExecution: target,
          initiatedEventId: task.eventId,
          control: attributes.control,
        },
      });
    }
    ensureWorkflowTask(workflow);
  });
  return undefined;
};

/** What the sender is told; errors that may pass are thrown on, so that the task runs again. */
function failureCause(error: unknown): number {
  if (!(error instanceof ServiceError)) throw error;
  if (error.is('temporal.api.errordetails.v1.NamespaceNotFoundFailure')) return Cause.NAMESPACE_NOT_FOUND;
  if (error.code === GrpcCode.NOT_FOUND) return Cause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
  if (error.code === GrpcCode.INVALID_ARGUMENT) return Cause.SIGNAL_COUNT_LIMIT_EXCEEDED;
  throw error;
}
