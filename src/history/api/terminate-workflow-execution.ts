// Ends a run at once, for a client or by a parent's close policy.

import { Empty, TerminateChildRequest } from '#proto/ostinato/history/v1';
import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import {
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import type { ApiHandler, ShardHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import type { Shard } from '../shard/shard.ts';
import { terminateRun } from '../workflow/close.ts';
import { IMMEDIATE } from '../workflow/update/index.ts';
import { checkParent } from './signal-workflow-execution.ts';

export const terminateWorkflowExecution: ApiHandler = async (_engine, shard, api) => {
  await terminate(shard, api.namespaceId, TerminateWorkflowExecutionRequest.decode(api.request), undefined);
  return TerminateWorkflowExecutionResponse.encode({});
};

export const terminateChild: ShardHandler = async (_engine, shard, bytes) => {
  const call = TerminateChildRequest.decode(bytes);
  const request = TerminateWorkflowExecutionRequest.decode(call.request);
  await terminate(shard, call.namespaceId, request, call.childWorkflowOnly ? call.externalExecution : undefined);
  return Empty.encode({});
};

async function terminate(
  shard: Shard,
  namespaceId: string,
  request: TerminateWorkflowExecutionRequest,
  parent: WorkflowExecution | undefined,
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
      return terminate(shard, namespaceId, request, parent);
    }
    throw workflowCompleted();
  }
  if (firstExecutionRunId !== '' && workflow.state.firstExecutionRunId !== firstExecutionRunId) {
    throw notFound('workflow execution not found');
  }
  if (parent !== undefined) checkParent(workflow, parent);
  await shard.update(workflow, () => {
    terminateRun(workflow, {
      reason: request.reason,
      details: request.details,
      identity: request.identity,
      links: request.links,
    });
  });
  workflow.updateRegistry?.workflowClosed(false, IMMEDIATE);
}
