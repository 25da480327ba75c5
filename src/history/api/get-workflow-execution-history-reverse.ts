// Pages of a run's history, newest first. What is not written yet has no place in it.

import type { HistoryPageTokenInit } from '#proto/ostinato/token/v1';
import { History, type HistoryEvent } from '#proto/temporal/api/history/v1';
import {
  GetWorkflowExecutionHistoryReverseRequest,
  GetWorkflowExecutionHistoryReverseResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler } from '../engine.ts';
import { branchSegments, historyPageSize } from '../history-reader.ts';
import { decodeHistoryPageToken, encodeHistoryPageToken } from '../tokens.ts';

export const getWorkflowExecutionHistoryReverse: ApiHandler = async (_engine, shard, api) => {
  const request = GetWorkflowExecutionHistoryReverseRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const token = request.nextPageToken.length === 0 ? undefined : decodeHistoryPageToken(request.nextPageToken, runId);
  const workflow = await shard.workflow(api.namespaceId, workflowId, token?.runId ?? runId);
  const { branch } = workflow;
  // The page ends before this event.
  const endEventId = token?.position || workflow.state.nextEventId;
  await shard.settled(workflow);
  const { nodes } = await shard.store.readHistory({
    shardId: shard.shardId,
    treeId: branch.treeId,
    segments: branchSegments(branch),
    minNodeId: 1,
    endNodeId: endEventId,
    limit: request.maximumPageSize || historyPageSize(workflow),
    reverse: true,
  });
  const events: HistoryEvent[] = [];
  for (const { data } of nodes) events.push(...History.decode(data).events.reverse());
  const oldestEventId = events[events.length - 1]?.eventId ?? 1;
  const next: HistoryPageTokenInit = {
    runId: workflow.runId,
    firstEventId: 1,
    branchToken: workflow.branchToken,
    position: oldestEventId,
  };
  return GetWorkflowExecutionHistoryReverseResponse.encode({
    history: History.encode({ events }),
    nextPageToken: oldestEventId > 1 ? encodeHistoryPageToken(next) : undefined,
  });
};
