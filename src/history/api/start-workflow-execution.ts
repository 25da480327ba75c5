// A client starts a workflow, or joins the run that is there if its policy says so.

import { Link } from '#proto/temporal/api/common/v1';
import { EventType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import { StartWorkflowExecutionRequest, StartWorkflowExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { firstWorkflowTaskBackoffMs } from '../backoff/index.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { ENABLE_EAGER_WORKFLOW_START } from '../limits.ts';
import type { Shard } from '../shard/shard.ts';
import { attachToExisting, startWorkflow } from '../start/start-workflow.ts';
import { composeWorkflowTask } from './compose-workflow-task.ts';

/** Attempts to join an open run that closes meanwhile, before the start is tried anew. */
const MAX_ATTEMPTS = 5;

export const startWorkflowExecution: ApiHandler = async (engine, shard, api) => {
  const request = StartWorkflowExecutionRequest.decode(api.request);
  const namespace = await engine.namespaces.resolveId(api.namespaceId);
  const eager =
    request.requestEagerExecution &&
    engine.config.get(ENABLE_EAGER_WORKFLOW_START, { namespace: namespace.name }) &&
    firstWorkflowTaskBackoffMs(request.cronSchedule, request.workflowStartDelay, shard.nowMs()) === 0;
  for (let attempt = 1; ; attempt++) {
    const outcome = await startWorkflow(engine, shard, { namespaceId: api.namespaceId, request, eager });
    if (outcome.kind === 'started') {
      const { workflow } = outcome;
      const composing = eager ? composeWorkflowTask(shard, workflow) : undefined;
      const [eagerWorkflowTask] = await Promise.all([composing, shard.settled(workflow)]);
      return StartWorkflowExecutionResponse.encode({
        runId: workflow.runId,
        started: true,
        status: WorkflowExecutionStatus.RUNNING,
        eagerWorkflowTask,
        link: startedLink(namespace.name, request.workflowId, workflow.runId),
      });
    }
    const { runId, status } = outcome.current;
    if (outcome.kind === 'deduplicated')
      return await answerDuplicate(engine, shard, api.namespaceId, namespace.name, request, outcome, eager);
    if (!(await attachToExisting(shard, api.namespaceId, request, runId)) && attempt < MAX_ATTEMPTS) continue;
    return StartWorkflowExecutionResponse.encode({
      runId,
      started: false,
      status,
      link:
        request.onConflictOptions?.attachRequestId === true
          ? requestIdLink(namespace.name, request.workflowId, runId, request.requestId)
          : startedLink(namespace.name, request.workflowId, runId),
    });
  }
};

/** The same request again: the same answer, the eager task included while its worker may still need it. */
async function answerDuplicate(
  _engine: HistoryEngine,
  shard: Shard,
  namespaceId: string,
  namespace: string,
  request: StartWorkflowExecutionRequest,
  outcome: { readonly current: { readonly runId: string; readonly status: number }; readonly startedIt: boolean },
  eager: boolean,
): Promise<Uint8Array> {
  const { runId, status } = outcome.current;
  const workflow = await shard.workflow(namespaceId, request.workflowId, runId);
  const { state } = workflow;
  const takesTaskAgain =
    eager && outcome.startedIt && state.workflowTaskStartedEventId === 3 && state.workflowTaskAttempt === 1;
  const composing = takesTaskAgain ? composeWorkflowTask(shard, workflow) : undefined;
  const [eagerWorkflowTask] = await Promise.all([composing, shard.settled(workflow)]);
  return StartWorkflowExecutionResponse.encode({
    runId,
    started: outcome.startedIt,
    status,
    eagerWorkflowTask,
    link: outcome.startedIt
      ? startedLink(namespace, request.workflowId, runId)
      : requestIdLink(namespace, request.workflowId, runId, request.requestId),
  });
}

export function startedLink(namespace: string, workflowId: string, runId: string): Uint8Array {
  return Link.encode({
    workflowEvent: {
      namespace,
      workflowId,
      runId,
      eventRef: { eventId: 1, eventType: EventType.WORKFLOW_EXECUTION_STARTED },
    },
  });
}

function requestIdLink(namespace: string, workflowId: string, runId: string, requestId: string): Uint8Array {
  return Link.encode({
    workflowEvent: {
      namespace,
      workflowId,
      runId,
      requestIdRef: { requestId, eventType: EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED },
    },
  });
}
