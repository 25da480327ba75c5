// A query: by itself to a worker when no event is under way, else with the workflow task that is.

import { QueryRequest, QueryResponse } from '#proto/ostinato/matching/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import { WorkflowQuery } from '#proto/temporal/api/query/v1';
import { QueryWorkflowRequest, QueryWorkflowResponse } from '#proto/temporal/api/workflowservice/v1';
import { canceled, deadlineExceeded } from '../../proto/service-errors.ts';
import { Cancellation } from '../../runtime/cancellation.ts';
import type { CallContext } from '../../runtime/service.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { MAX_BUFFERED_QUERIES } from '../limits.ts';
import type { Shard } from '../shard/shard.ts';
import { routeQuery } from '../workflow/query/index.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { clearStickyTaskQueue } from '../workflow/workflow-task.ts';

export const queryWorkflow: ApiHandler = async (engine, shard, api, call) => {
  const request = QueryWorkflowRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const { runId: firstRunId } = await shard.workflow(api.namespaceId, workflowId, runId);
  for (;;) {
    const workflow = await shard.workflow(api.namespaceId, workflowId, firstRunId);
    const answer = await ask(engine, shard, workflow, request, call);
    if (answer !== 'again') return answer;
  }
};

async function ask(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  request: QueryWorkflowRequest,
  call: CallContext,
): Promise<Uint8Array | 'again'> {
  const { state } = workflow;
  const route = routeQuery(
    {
      status: state.status,
      isRunning: workflow.isRunning,
      hasCompletedAnyWorkflowTask: state.lastCompletedWorkflowTaskStartedEventId !== 0,
      hadOrHasWorkflowTask: workflow.hadOrHasWorkflowTask,
      hasPendingWorkflowTask: workflow.hasPendingWorkflowTask,
      workflowTaskAttempt: state.workflowTaskAttempt,
      firstWorkflowTaskTimeMs: state.executionTime ?? 0,
    },
    request.queryRejectCondition,
    call.deadlineMs,
  );
  if (route.kind === 'rejected') {
    await shard.settled(workflow);
    return QueryWorkflowResponse.encode({ queryRejected: { status: route.status } });
  }
  if (route.kind === 'direct') return queryDirectly(engine, shard, workflow, request, call);

  const query = request.query ?? WorkflowQuery.decode(Buffer.alloc(0));
  const buffered = workflow.queries.buffer(shard.newId(), query, engine.config.get(MAX_BUFFERED_QUERIES));
  try {
    const completion = await Promise.race([buffered.completion, abandoned(engine, call)]);
    if (completion === undefined)
      throw call.cancelled ? canceled('context canceled') : deadlineExceeded('context deadline exceeded');
    switch (completion.kind) {
      case 'answered':
        return QueryWorkflowResponse.encode({ queryResult: completion.answer });
      case 'failed':
        throw completion.error;
      case 'unblocked':
        return await queryDirectly(engine, shard, workflow, request, call);
      case 'askAgain':
        return 'again';
    }
  } finally {
    buffered.remove();
  }
}

/** Resolves when nobody waits for the answer any more. */
function abandoned(engine: HistoryEngine, call: CallContext): Promise<undefined> {
  return new Promise((resolve) => {
    call.onCancel(() => resolve(undefined));
    if (call.deadlineMs !== Number.POSITIVE_INFINITY) {
      engine.clock.after(call.deadlineMs - engine.clock.nowMs(), () => resolve(undefined));
    }
  });
}

/** How long a sticky worker may take before the query goes to the normal queue, if the run does not say. */
const STICKY_QUERY_TIMEOUT_MS = 5_000;

async function queryDirectly(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  request: QueryWorkflowRequest,
  call: CallContext,
): Promise<Uint8Array> {
  await shard.settled(workflow);
  const { state } = workflow;
  const askWorker = (sticky: boolean, deadlineMs: number) => {
    const partition = {
      namespaceId: workflow.namespaceId,
      taskQueue: sticky ? state.stickyTaskQueue : state.taskQueue,
      taskQueueType: TaskQueueType.WORKFLOW,
      partitionId: 0,
      sticky,
      normalName: sticky ? state.taskQueue : '',
    };
    const cancellation = new Cancellation();
    call.onCancel(() => cancellation.cancel());
    return engine.router
      .callMatching(
        partitionKey(partition),
        'QueryWorkflow',
        QueryRequest.encode({
          partition,
          execution: { workflowId: workflow.workflowId, runId: workflow.runId },
          shardId: shard.shardId,
          request: QueryWorkflowRequest.encode({
            ...request,
            execution: { workflowId: workflow.workflowId, runId: workflow.runId },
          }),
        }),
        { deadlineMs, cancellation },
      )
      .then((bytes) => QueryResponse.decode(bytes));
  };
  if (workflow.isStickyEnabled && state.lastCompletedWorkflowTaskStartedEventId !== 0) {
    const timeoutMs = state.stickyScheduleToStartTimeout || STICKY_QUERY_TIMEOUT_MS;
    const stickyDeadlineMs = Math.min(call.deadlineMs, engine.clock.nowMs() + timeoutMs);
    try {
      const answer = await askWorker(true, stickyDeadlineMs);
      if (!answer.stickyWorkerUnavailable) return answer.response;
    } catch (error) {
      if (call.cancelled || engine.clock.nowMs() < stickyDeadlineMs || stickyDeadlineMs === call.deadlineMs)
        throw error;
    }
    // Its worker is gone: the next tasks go to the normal queue as well.
    if (workflow.isRunning && !shard.isLost) await shard.update(workflow, () => clearStickyTaskQueue(workflow));
  }
  return (await askWorker(false, call.deadlineMs)).response;
}
