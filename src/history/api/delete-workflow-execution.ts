// Deletes a run: an open one is terminated first. Answered when the duty is durable; the deletion itself follows.

import {
  DeleteWorkflowExecutionRequest,
  DeleteWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { TaskCategory } from '../../persistence/index.ts';
import type { ApiHandler } from '../engine.ts';
import { TaskType } from '../queues/task-type.ts';
import { HISTORY_SERVICE, terminateRun } from '../workflow/close.ts';
import { IMMEDIATE } from '../workflow/update/index.ts';

export const deleteWorkflowExecution: ApiHandler = async (_engine, shard, api) => {
  const { workflowExecution } = DeleteWorkflowExecutionRequest.decode(api.request);
  const workflow = await shard.workflow(
    api.namespaceId,
    workflowExecution?.workflowId ?? '',
    workflowExecution?.runId ?? '',
  );
  const wasRunning = workflow.isRunning;
  await shard.update(workflow, () => {
    if (wasRunning) terminateRun(workflow, { reason: 'Delete workflow execution', identity: HISTORY_SERVICE });
    workflow.addTask(TaskCategory.TRANSFER, { type: TaskType.DELETE_EXECUTION, version: workflow.version });
  });
  if (wasRunning) workflow.updateRegistry?.workflowClosed(false, IMMEDIATE);
  return DeleteWorkflowExecutionResponse.encode({});
};
