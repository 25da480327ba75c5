// A signal, from a client or from another workflow.

import { Empty, SignalExternalRequest } from '#proto/ostinato/history/v1';
import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import {
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument, notFound } from '../../proto/service-errors.ts';
import type { ApiHandler, ShardHandler } from '../engine.ts';
import { workflowClosing, workflowCompleted } from '../errors.ts';
import { MAX_SIGNALS } from '../limits.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { ensureWorkflowTask, isInFirstBackoff } from '../workflow/workflow-task.ts';

export const signalWorkflowExecution: ApiHandler = async (_engine, shard, api) => {
  const request = SignalWorkflowExecutionRequest.decode(api.request);
  await signal(shard, api.namespaceId, request, undefined, false);
  return SignalWorkflowExecutionResponse.encode({});
};

export const signalExternal: ShardHandler = async (_engine, shard, bytes) => {
  const { namespaceId, request, externalExecution, childWorkflowOnly } = SignalExternalRequest.decode(bytes);
  await signal(
    shard,
    namespaceId,
    SignalWorkflowExecutionRequest.decode(request),
    externalExecution,
    childWorkflowOnly,
  );
  return Empty.encode({});
};

async function signal(
  shard: Shard,
  namespaceId: string,
  request: SignalWorkflowExecutionRequest,
  sender: WorkflowExecution | undefined,
  childWorkflowOnly: boolean,
): Promise<void> {
  const target = request.workflowExecution;
  const workflow = await shard.workflow(namespaceId, target?.workflowId ?? '', target?.runId ?? '');
  if (request.requestId !== '' && workflow.signalRequestedIds.has(request.requestId)) {
    await shard.settled(workflow);
    return;
  }
  if (!workflow.isRunning) {
    if (!target?.runId && shard.isReplaced(workflow)) {
      return signal(shard, namespaceId, request, sender, childWorkflowOnly);
    }
    throw workflowCompleted();
  }
  if (childWorkflowOnly) checkParent(workflow, sender);
  checkSignal(workflow);
  await shard.update(workflow, () => {
    addSignal(workflow, request, sender);
    // Temporal forgets the request id of another workflow's signal in a write of its own, which counts.
    if (sender !== undefined) workflow.state.stateTransitionCount++;
    // A run that has not begun yet meets its signals when it does.
    if (!isInFirstBackoff(workflow)) ensureWorkflowTask(workflow);
  });
}

/** Throws what Temporal answers when the run takes no more signals. */
export function checkSignal(workflow: Workflow): void {
  const max = workflow.environment.config.get(MAX_SIGNALS, { namespace: workflow.namespace.name });
  if (max > 0 && workflow.state.signalCount >= max) {
    throw invalidArgument('exceeded workflow execution limit for signal events');
  }
  if (workflow.closeAttempted && workflow.hasStartedWorkflowTask) throw workflowClosing();
}

/** Inside a decision. */
export function addSignal(
  workflow: Workflow,
  request: Pick<SignalWorkflowExecutionRequest, 'signalName' | 'input' | 'identity' | 'header' | 'links' | 'requestId'>,
  sender?: WorkflowExecution,
): void {
  if (request.requestId !== '') workflow.signalRequestedIds.put(request.requestId, true);
  workflow.events.add(EventType.WORKFLOW_EXECUTION_SIGNALED, {
    workflowExecutionSignaledEventAttributes: {
      signalName: request.signalName,
      input: request.input,
      identity: request.identity,
      header: request.header,
      externalWorkflowExecution: sender,
    },
    links: request.links,
  });
  workflow.state.signalCount++;
}

/** A call for children only reaches a child of that parent. */
export function checkParent(workflow: Workflow, parent: WorkflowExecution | undefined): void {
  const { parentWorkflowId, parentRunId } = workflow.state;
  if (parent?.workflowId !== parentWorkflowId || parent.runId !== parentRunId) {
    throw notFound('workflow parent does not match');
  }
}
