// Signals the open run, or starts one that begins with the signal.

import { WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import {
  SignalWithStartWorkflowExecutionRequest,
  SignalWithStartWorkflowExecutionResponse,
  StartWorkflowExecutionRequest,
} from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { startWorkflow } from '../start/start-workflow.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';
import { addSignal, checkSignal } from './signal-workflow-execution.ts';

export const signalWithStartWorkflowExecution: ApiHandler = async (engine, shard, api) => {
  const request = SignalWithStartWorkflowExecutionRequest.decode(api.request);
  const signal = {
    signalName: request.signalName,
    input: request.signalInput,
    identity: request.identity,
    header: request.header,
    links: request.links,
    requestId: request.requestId,
  };
  // As in Temporal the request id makes the signal idempotent while the run is open; it is no start's.
  for (;;) {
    const outcome = await startWorkflow(engine, shard, {
      namespaceId: api.namespaceId,
      request: startRequest(request),
      defaultConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      also: (workflow) => addSignal(workflow, signal),
      repeats: true,
    });
    if (outcome.kind === 'started') {
      await shard.settled(outcome.workflow);
      return SignalWithStartWorkflowExecutionResponse.encode({ runId: outcome.workflow.runId, started: true });
    }
    const { runId } = outcome.current;
    const workflow = await shard.workflow(api.namespaceId, request.workflowId, runId);
    if (!workflow.isRunning) continue; // it closed meanwhile: start anew
    if (request.requestId !== '' && workflow.signalRequestedIds.has(request.requestId)) {
      await shard.settled(workflow);
    } else {
      checkSignal(workflow);
      await shard.update(workflow, () => {
        addSignal(workflow, signal);
        // Unlike a plain signal, this one does not wait for a start delay.
        ensureWorkflowTask(workflow);
      });
    }
    return SignalWithStartWorkflowExecutionResponse.encode({ runId, started: false });
  }
};

function startRequest(request: SignalWithStartWorkflowExecutionRequest): StartWorkflowExecutionRequest {
  return StartWorkflowExecutionRequest.decode(
    StartWorkflowExecutionRequest.encode({
      namespace: request.namespace,
      workflowId: request.workflowId,
      workflowType: request.workflowType,
      taskQueue: request.taskQueue,
      input: request.input,
      workflowExecutionTimeout: request.workflowExecutionTimeout,
      workflowRunTimeout: request.workflowRunTimeout,
      workflowTaskTimeout: request.workflowTaskTimeout,
      identity: request.identity,
      requestId: request.requestId,
      workflowIdReusePolicy: request.workflowIdReusePolicy,
      workflowIdConflictPolicy: request.workflowIdConflictPolicy,
      retryPolicy: request.retryPolicy,
      cronSchedule: request.cronSchedule,
      memo: request.memo,
      searchAttributes: request.searchAttributes,
      header: request.header,
      workflowStartDelay: request.workflowStartDelay,
      userMetadata: request.userMetadata,
      links: request.links,
      versioningOverride: request.versioningOverride,
      priority: request.priority,
    }),
  );
}
