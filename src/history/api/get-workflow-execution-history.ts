// A page of a run's history.

import type { ApiRequest } from '#proto/ostinato/history/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { readEvents } from '../history-reader.ts';

export const getWorkflowExecutionHistory: ApiHandler = async (_engine, shard, api: ApiRequest) => {
  const request = GetWorkflowExecutionHistoryRequest.decode(api.request);
  const workflow = await shard.workflow(
    api.namespaceId,
    request.execution?.workflowId ?? '',
    request.execution?.runId ?? '',
  );
  await shard.settled(workflow);
  const page = await readEvents(shard.store, {
    shardId: shard.shardId,
    branch: workflow.branch,
    tail: workflow.tail,
    fromEventId: 1,
    endEventId: workflow.state.nextEventId,
    maxEvents: request.maximumPageSize || 1000,
  });
  return GetWorkflowExecutionHistoryResponse.encode({ history: Buffer.concat(page.batches) });
};
