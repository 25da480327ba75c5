// Asks another workflow to cancel and records in the asker how it went.

import { RequestCancelExternalRequest } from '#proto/ostinato/history/v1';
import { CancelExternalWorkflowExecutionFailedCause as Cause, EventType } from '#proto/temporal/api/enums/v1';
import { RequestCancelExternalWorkflowExecutionInitiatedEventAttributes } from '#proto/temporal/api/history/v1';
import { RequestCancelWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { HISTORY_SERVICE } from '../../workflow/close.ts';
import { ensureWorkflowTask } from '../../workflow/workflow-task.ts';
import { findForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';
import { addresseeOf, type Causes, callExternal } from './call-external.ts';

const CAUSES: Causes = {
  namespaceNotFound: Cause.NAMESPACE_NOT_FOUND,
  workflowNotFound: Cause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND,
};

export const cancelExecution: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  const info = workflow?.requestCancels.get(task.eventId);
  if (workflow === undefined || !workflow.isRunning || info === undefined) return undefined;
  const attributes = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.decode(info.initiated);
  const addressee = await addresseeOf(engine, attributes);
  const request = RequestCancelExternalRequest.encode({
    namespaceId: addressee.namespaceId,
    request: RequestCancelWorkflowExecutionRequest.encode({
      namespace: addressee.namespace,
      workflowExecution: addressee.workflowExecution,
      identity: HISTORY_SERVICE,
      requestId: info.cancelRequestId,
      reason: attributes.reason,
    }),
    externalInitiatedEventId: task.eventId,
    externalExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
    childWorkflowOnly: attributes.childWorkflowOnly,
  });
  const cause = await shard.holding(workflow, () =>
    callExternal(engine, workflow, addressee, 'RequestCancelExternal', request, CAUSES),
  );
  if (!workflow.isRunning || !workflow.requestCancels.has(task.eventId)) return undefined;
  await shard.update(workflow, () => {
    workflow.requestCancels.delete(task.eventId);
    const outcome = { initiatedEventId: task.eventId, ...addressee };
    if (cause === undefined) {
      workflow.events.add(EventType.EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED, {
        externalWorkflowExecutionCancelRequestedEventAttributes: outcome,
      });
    } else {
      workflow.events.add(EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED, {
        requestCancelExternalWorkflowExecutionFailedEventAttributes: { cause, ...outcome },
      });
    }
    ensureWorkflowTask(workflow);
  });
  return undefined;
};
