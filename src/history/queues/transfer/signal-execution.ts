// Delivers a signal from one workflow to another and records in the sender how it went.

import { SignalExternalRequest } from '#proto/ostinato/history/v1';
import { SignalExternalWorkflowExecutionFailedCause as Cause, EventType } from '#proto/temporal/api/enums/v1';
import { SignalExternalWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { SignalWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { HISTORY_SERVICE } from '../../workflow/close.ts';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { findForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';
import { addresseeOf, type Causes, callExternal } from './call-external.ts';

const CAUSES: Causes = {
  namespaceNotFound: Cause.NAMESPACE_NOT_FOUND,
  workflowNotFound: Cause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND,
  invalid: Cause.SIGNAL_COUNT_LIMIT_EXCEEDED,
};

export const signalExecution: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  const signal = workflow?.signals.get(task.eventId);
  if (workflow === undefined || !workflow.isRunning || signal === undefined) return undefined;
  const attributes = SignalExternalWorkflowExecutionInitiatedEventAttributes.decode(signal.initiated);
  const { signalName, input, control, header, childWorkflowOnly } = attributes;
  const addressee = await addresseeOf(engine, attributes);
  const request = SignalExternalRequest.encode({
    namespaceId: addressee.namespaceId,
    request: SignalWorkflowExecutionRequest.encode({
      namespace: addressee.namespace,
      workflowExecution: addressee.workflowExecution,
      signalName,
      input,
      identity: HISTORY_SERVICE,
      requestId: signal.requestId,
      control,
      header,
    }),
    externalExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
    childWorkflowOnly,
  });
  const cause = await shard.holding(workflow, () =>
    callExternal(engine, workflow, addressee, 'SignalExternal', request, CAUSES),
  );
  if (!workflow.isRunning || !workflow.signals.has(task.eventId)) return undefined;
  await shard.update(workflow, () => {
    workflow.signals.delete(task.eventId);
    const outcome = { initiatedEventId: task.eventId, ...addressee, control };
    if (cause === undefined) {
      workflow.events.add(EventType.EXTERNAL_WORKFLOW_EXECUTION_SIGNALED, {
        externalWorkflowExecutionSignaledEventAttributes: outcome,
      });
    } else {
      workflow.events.add(EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED, {
        signalExternalWorkflowExecutionFailedEventAttributes: { cause, ...outcome },
      });
    }
    ensureWorkflowTask(workflow);
  });
  return undefined;
};
