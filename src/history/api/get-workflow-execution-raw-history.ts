// Admin: a range of a run's history as the encoded batches that the store holds. Two forms: both ends of the range inclusive, and
// (V2) both exclusive. Source: service/history/api/getworkflowexecutionrawhistory{,v2}, v1.31.

import { EncodingType } from '#proto/temporal/api/enums/v1';
import {
  GetWorkflowExecutionRawHistoryRequest,
  GetWorkflowExecutionRawHistoryResponse,
  GetWorkflowExecutionRawHistoryV2Request,
  GetWorkflowExecutionRawHistoryV2Response,
} from '#proto/temporal/server/api/adminservice/v1';
import type { VersionHistory } from '#proto/temporal/server/api/history/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { Reader } from '../../proto/wire.ts';
import type { ApiHandler } from '../engine.ts';
import { readEvents } from '../history-reader.ts';
import type { Shard } from '../shard/shard.ts';
import { decodeHistoryPageToken, encodeHistoryPageToken } from '../tokens.ts';
import type { Workflow } from '../workflow/workflow.ts';

type Request = GetWorkflowExecutionRawHistoryRequest | GetWorkflowExecutionRawHistoryV2Request;

export const getWorkflowExecutionRawHistory: ApiHandler = async (_engine, shard, api) => {
  const request = GetWorkflowExecutionRawHistoryRequest.decode(api.request);
  return GetWorkflowExecutionRawHistoryResponse.encode(await readRange(shard, api.namespaceId, request, 0));
};

export const getWorkflowExecutionRawHistoryV2: ApiHandler = async (_engine, shard, api) => {
  const request = GetWorkflowExecutionRawHistoryV2Request.decode(api.request);
  return GetWorkflowExecutionRawHistoryV2Response.encode(await readRange(shard, api.namespaceId, request, 1));
};

/** `outside`: how far the named ends lie outside of the range. */
async function readRange(shard: Shard, namespaceId: string, request: Request, outside: 0 | 1) {
  if (request.maximumPageSize <= 0) throw invalidArgument('Invalid PageSize.');
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const workflow = await shard.workflow(namespaceId, workflowId, runId);
  const versionHistory = currentVersionHistory(workflow);
  const { branch, tail } = workflow;
  const token = request.nextPageToken.length === 0 ? undefined : decodeHistoryPageToken(request.nextPageToken, runId);
  const range = token
    ? { from: token.position, end: token.nextEventId }
    : resolveRange(request, versionHistory, outside);
  await shard.settled(workflow);
  const page =
    range.from >= range.end
      ? { batches: [], nextEventId: 0 }
      : await readEvents(shard.store, {
          shardId: shard.shardId,
          branch,
          tail,
          fromEventId: range.from,
          endEventId: range.end,
          maxEvents: request.maximumPageSize,
          countsBatches: true,
        });
  return {
    historyBatches: page.batches.map((data) => ({ encodingType: EncodingType.PROTO3, data })),
    historyNodeIds: page.batches.map(firstEventId),
    versionHistory,
    nextPageToken:
      page.nextEventId === 0
        ? undefined
        : encodeHistoryPageToken({ runId, position: page.nextEventId, nextEventId: range.end }),
  };
}

function currentVersionHistory(workflow: Workflow): VersionHistory {
  const histories = workflow.state.versionHistories;
  const current = histories?.histories[histories.currentIndex];
  if (current === undefined) throw new ServiceError(GrpcCode.INTERNAL, 'version histories index is out of range.');
  return { branchToken: current.branchToken, items: current.items };
}

/** First event of the range, and the one behind its last. An end without event id or version is the history's own. */
function resolveRange(request: Request, { items }: VersionHistory, outside: 0 | 1): { from: number; end: number } {
  const { startEventId, startEventVersion, endEventId, endEventVersion } = request;
  if (startEventId === 0 && startEventVersion === 0 && endEventId === 0 && endEventVersion === 0) {
    throw invalidArgument('Invalid event query range.');
  }
  if (startEventId < 0) throw invalidArgument('Invalid FirstEventId and NextEventId combination.');
  const last = items[items.length - 1]?.eventId ?? 0;
  const named = (eventId: number, version: number) => eventId !== 0 && version !== 0;
  const from = named(startEventId, startEventVersion) ? startEventId + outside : 1;
  const end = named(endEventId, endEventVersion) ? endEventId + 1 - outside : last + 1;
  if (from !== 1) checkContains(items, startEventId, startEventVersion);
  if (end !== last + 1) checkContains(items, endEventId, endEventVersion);
  return { from, end };
}

function checkContains(items: VersionHistory['items'], eventId: number, version: number): void {
  const item = items.find((candidate) => eventId <= candidate.eventId);
  if (item?.version === version) return;
  throw new ServiceError(
    GrpcCode.INTERNAL,
    `version histories does not contains given item: event_id:${eventId} version:${version}`,
  );
}

/** Of an encoded History: its first event begins with its id, field 1. */
function firstEventId(history: Uint8Array): number {
  const reader = new Reader(history);
  reader.uint32();
  const end = reader.enter();
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === 8) return reader.int64();
    reader.skip(tag);
  }
  return 0;
}
