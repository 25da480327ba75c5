// A client starts a workflow.

import type { ApiRequest } from '#proto/ostinato/history/v1';
import { EventType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import type { WorkflowExecutionStartedEventAttributesInit } from '#proto/temporal/api/history/v1';
import { StartWorkflowExecutionRequest, StartWorkflowExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { workflowAlreadyStarted } from '../../proto/service-errors.ts';
import { DEFAULT_WORKFLOW_TASK_TIMEOUT } from '../commands/completion-context.ts';
import type { ApiHandler } from '../engine.ts';
import { createRun, startRun } from '../workflow/start-run.ts';
import { RunState } from '../workflow/workflow.ts';
import { scheduleWorkflowTask } from '../workflow/workflow-task.ts';

export const startWorkflowExecution: ApiHandler = async (engine, shard, api: ApiRequest) => {
  const request = StartWorkflowExecutionRequest.decode(api.request);
  const namespace = await engine.namespaces.resolveId(api.namespaceId);
  const current = await shard.currentRun(api.namespaceId, request.workflowId);
  if (current !== undefined && current.state !== RunState.COMPLETED) {
    if (current.createRequestId === request.requestId) {
      await shard.barrier();
      return StartWorkflowExecutionResponse.encode({ runId: current.runId, started: true, status: current.status });
    }
    throw workflowAlreadyStarted(
      `Workflow execution is already running. WorkflowId: ${request.workflowId}, RunId: ${current.runId}.`,
      current.createRequestId,
      current.runId,
    );
  }
  const runId = shard.newId();
  const run = { namespace, workflowId: request.workflowId, runId, requestId: request.requestId };
  const workflow = createRun(shard, run, shard.newId());
  const attributes: WorkflowExecutionStartedEventAttributesInit = {
    workflowType: request.workflowType,
    taskQueue: { name: request.taskQueue?.name ?? '', kind: 1 },
    input: request.input,
    workflowTaskTimeout:
      request.workflowTaskTimeout ?? engine.config.get(DEFAULT_WORKFLOW_TASK_TIMEOUT, { namespace: namespace.name }),
    workflowRunTimeout: request.workflowRunTimeout ?? 0,
    workflowExecutionTimeout: request.workflowExecutionTimeout ?? 0,
    originalExecutionRunId: runId,
    firstExecutionRunId: runId,
    identity: request.identity,
    attempt: 1,
    header: request.header,
    memo: request.memo,
    searchAttributes: request.searchAttributes,
    workflowId: request.workflowId,
  };
  shard.create(
    workflow,
    () => {
      startRun(workflow, { ...run, attributes, userMetadata: request.userMetadata });
      scheduleWorkflowTask(workflow);
    },
    current?.runId ?? '',
  );
  await shard.settled(workflow);
  return StartWorkflowExecutionResponse.encode({ runId, started: true, status: WorkflowExecutionStatus.RUNNING });
};
void EventType;
