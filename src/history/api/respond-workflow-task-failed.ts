// A worker could not handle its workflow task.

import { WorkflowTaskFailedCause, WorkflowTaskFailedCauseNames } from '#proto/temporal/api/enums/v1';
import {
  RespondWorkflowTaskFailedRequest,
  RespondWorkflowTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { HISTORY_SERVICE, terminateRun } from '../workflow/close.ts';
import { IMMEDIATE } from '../workflow/update/index.ts';
import { ensureWorkflowTask, failWorkflowTask } from '../workflow/workflow-task.ts';
import { checkCurrentTask, decodeTaskToken } from './current-workflow-task.ts';

export const respondWorkflowTaskFailed: ApiHandler = async (_engine, shard, api) => {
  const request = RespondWorkflowTaskFailedRequest.decode(api.request);
  const token = decodeTaskToken(request.taskToken);
  const workflow = await shard.workflow(api.namespaceId, token.workflowId, token.runId);
  if (!workflow.isRunning) throw workflowCompleted();
  checkCurrentTask(workflow, token);
  if (request.cause === WorkflowTaskFailedCause.GRPC_MESSAGE_TOO_LARGE) {
    // The worker cannot even be told what the task is: trying again would not help.
    const reason = WorkflowTaskFailedCauseNames.get(request.cause) ?? '';
    await shard.update(workflow, () => terminateRun(workflow, { reason, identity: HISTORY_SERVICE }));
    workflow.updateRegistry?.workflowClosed(false, IMMEDIATE);
    return RespondWorkflowTaskFailedResponse.encode({});
  }
  await shard.update(workflow, () => {
    failWorkflowTask(workflow, {
      cause: request.cause,
      failure: request.failure,
      identity: request.identity,
      binaryChecksum: request.binaryChecksum,
    });
    ensureWorkflowTask(workflow);
  });
  workflow.updateRegistry?.workflowTaskFailed();
  return RespondWorkflowTaskFailedResponse.encode({});
};
