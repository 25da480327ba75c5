// Composes what a worker gets for a query that comes by itself: history, started event ids, the query and its token.

import { PrepareQueryTaskRequest } from '#proto/ostinato/history/v1';
import { TaskQueueKind } from '#proto/temporal/api/enums/v1';
import { WorkflowQuery } from '#proto/temporal/api/query/v1';
import { PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ShardHandler } from '../engine.ts';
import { historyPageSize, readEvents } from '../history-reader.ts';
import { encodeHistoryPageToken } from '../tokens.ts';

export const prepareQueryTask: ShardHandler = async (_engine, shard, bytes) => {
  const request = PrepareQueryTaskRequest.decode(bytes);
  const poll = PollWorkflowTaskQueueRequest.decode(request.pollRequest);
  const workflow = await shard.workflow(request.namespaceId, request.workflowId, request.runId);
  await shard.settled(workflow);
  const { state } = workflow;
  // Only the worker of the sticky queue has the run's past in its cache.
  const sticky = state.stickyTaskQueue !== '' && poll.taskQueue?.name === state.stickyTaskQueue;
  const previousStartedEventId = state.lastCompletedWorkflowTaskStartedEventId;
  const fromEventId = sticky ? state.nextEventId : 1;
  const endEventId = state.nextEventId;
  const page = await readEvents(shard.store, {
    shardId: shard.shardId,
    branch: workflow.branch,
    tail: workflow.tail,
    fromEventId,
    endEventId,
    maxEvents: historyPageSize(workflow),
    countsBatches: true,
  });
  return PollWorkflowTaskQueueResponse.encode({
    taskToken: request.queryTaskToken,
    workflowExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
    workflowType: { name: state.workflowType },
    previousStartedEventId,
    attempt: 1,
    query: WorkflowQuery.decode(request.query),
    history: Buffer.concat(page.batches),
    workflowExecutionTaskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
    nextPageToken:
      page.nextEventId === 0
        ? undefined
        : encodeHistoryPageToken({
            runId: workflow.runId,
            firstEventId: fromEventId,
            nextEventId: endEventId,
            position: page.nextEventId,
            isWorkflowRunning: workflow.isRunning,
            branchToken: workflow.branchToken,
          }),
  });
};
