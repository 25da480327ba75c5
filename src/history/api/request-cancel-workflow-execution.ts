// A request to cancel, from a client, another workflow, or a parent's close policy.

import { Empty, RequestCancelExternalRequest } from '#proto/ostinato/history/v1';
import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import {
  RequestCancelWorkflowExecutionRequest,
  RequestCancelWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import type { ApiHandler, ShardHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { checkParent } from './signal-workflow-execution.ts';

interface Asker {
  readonly execution: WorkflowExecution | undefined;
  readonly initiatedEventId: number;
  readonly childWorkflowOnly: boolean;
}

export const requestCancelWorkflowExecution: ApiHandler = async (_engine, shard, api) => {
  const request = RequestCancelWorkflowExecutionRequest.decode(api.request);
  await requestCancel(shard, api.namespaceId, request, {
    execution: undefined,
    initiatedEventId: 0,
    childWorkflowOnly: false,
  });
  return RequestCancelWorkflowExecutionResponse.encode({});
};

export const requestCancelExternal: ShardHandler = async (_engine, shard, bytes) => {
  const call = RequestCancelExternalRequest.decode(bytes);
  await requestCancel(shard, call.namespaceId, RequestCancelWorkflowExecutionRequest.decode(call.request), {
    execution: call.externalExecution,
    initiatedEventId: call.externalInitiatedEventId,
    childWorkflowOnly: call.childWorkflowOnly,
  });
  return Empty.encode({});
};

async function requestCancel(
  shard: Shard,
  namespaceId: string,
  request: RequestCancelWorkflowExecutionRequest,
  asker: Asker,
): Promise<void> {
  const target = request.workflowExecution;
  const { firstExecutionRunId } = request;
  const workflow = await shard.workflow(
    namespaceId,
    target?.workflowId ?? '',
    firstExecutionRunId === '' ? (target?.runId ?? '') : '',
  );
  if (!workflow.isRunning) {
    if ((!target?.runId || firstExecutionRunId !== '') && shard.isReplaced(workflow)) {
      return requestCancel(shard, namespaceId, request, asker);
    }
    await shard.settled(workflow);
    return; // what has ended needs no cancellation
  }
  if (firstExecutionRunId !== '' && workflow.state.firstExecutionRunId !== firstExecutionRunId) {
    throw notFound('workflow execution not found');
  }
  if (asker.childWorkflowOnly) checkParent(workflow, asker.execution);
  if (workflow.state.cancelRequested) {
    await shard.settled(workflow);
    return;
  }
  await shard.update(workflow, () => {
    workflow.events.add(EventType.WORKFLOW_EXECUTION_CANCEL_REQUESTED, {
      workflowExecutionCancelRequestedEventAttributes: {
        cause: request.reason,
        externalInitiatedEventId: asker.initiatedEventId,
        externalWorkflowExecution: asker.execution,
        identity: request.identity,
      },
      links: request.links,
    });
    workflow.state.cancelRequested = true;
    workflow.state.cancelRequestId = request.requestId;
    ensureWorkflowTask(workflow);
  });
}
