// Pages of a run's history, oldest first, and the long poll for what comes next. Order and conditions follow Temporal's
// getworkflowexecutionhistory (v1.31).

import type { ApiRequest } from '#proto/ostinato/history/v1';
import type { HistoryPageTokenInit } from '#proto/ostinato/token/v1';
import { EncodingType, HistoryEventFilterType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { CallContext } from '../../runtime/service.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { followable } from '../followable-close-event.ts';
import { historyPageSize, lastEventOf, readEvents } from '../history-reader.ts';
import { LONG_POLL_EXPIRATION_INTERVAL, SEND_RAW_WORKFLOW_HISTORY, SEND_UNWRITTEN_TASK_EVENTS } from '../limits.ts';
import type { Shard } from '../shard/shard.ts';
import { decodeHistoryPageToken, encodeHistoryPageToken } from '../tokens.ts';
import { waitForChange } from '../wait-for-change.ts';
import type { TailBatch, Workflow } from '../workflow/workflow.ts';
import { unwrittenTaskEvents } from '../workflow/workflow-task.ts';

/** The command line and the web UI predate the events that history does not have yet (ClientSupportsTranOrSpecEvents, v1.31). */
const CLIENTS_OF_WRITTEN_EVENTS: ReadonlySet<string> = new Set(['temporal-cli', 'temporal-ui']);
const FOLLOWS_NEXT_RUN_ID = 'follows-next-run-id';

interface Target {
  readonly workflow: Workflow;
  /** First event of this page. */
  readonly fromEventId: number;
  /** First event of the series of pages that this one belongs to. */
  readonly firstEventId: number;
  /** Goes on where a page ended; it may be empty. */
  readonly isLaterPage?: boolean;
}

export const getWorkflowExecutionHistory: ApiHandler = async (engine, shard, api, call) => {
  const request = GetWorkflowExecutionHistoryRequest.decode(api.request);
  const target = await findTarget(engine, shard, api.namespaceId, request, call);
  const closeOnly = request.historyEventFilterType === HistoryEventFilterType.CLOSE_EVENT;
  return closeOnly
    ? closeEventPage(engine, shard, api, request, target.workflow)
    : eventPage(engine, shard, api, request, target);
};

/** Resolves when there is something to answer with, or the poll's time is up. */
async function findTarget(
  engine: HistoryEngine,
  shard: Shard,
  namespaceId: string,
  request: GetWorkflowExecutionHistoryRequest,
  call: CallContext,
): Promise<Target> {
  const { workflowId = '', runId = '' } = request.execution ?? {};
  const closeOnly = request.historyEventFilterType === HistoryEventFilterType.CLOSE_EVENT;
  const wait = (workflow: Workflow, until: (workflow: Workflow) => boolean) =>
    waitForChange(engine.clock, shard, call, {
      workflow,
      until,
      maxWaitMs: engine.config.get(LONG_POLL_EXPIRATION_INTERVAL, { namespace: workflow.namespace.name }),
      everyEvent: !closeOnly,
    });
  if (request.nextPageToken.length === 0) {
    const workflow = await shard.workflow(namespaceId, workflowId, runId);
    // A close event is waited for whether or not the request says so, as in Temporal.
    const found = closeOnly ? await wait(workflow, isClosed) : workflow;
    return { workflow: found, fromEventId: 1, firstEventId: 1 };
  }
  const token = decodeHistoryPageToken(request.nextPageToken, runId);
  const workflow = await shard.workflow(namespaceId, workflowId, token.runId);
  if (token.position !== 0) {
    return { workflow, fromEventId: token.position, firstEventId: token.firstEventId, isLaterPage: true };
  }
  if (!request.waitNewEvent || !token.isWorkflowRunning) {
    return { workflow, fromEventId: token.firstEventId, firstEventId: token.firstEventId };
  }
  const seen = token.nextEventId;
  const found = await wait(workflow, (run) => isClosed(run) || (!closeOnly && run.state.nextEventId > seen));
  return { workflow: found, fromEventId: seen, firstEventId: seen };
}

const isClosed = (workflow: Workflow): boolean => !workflow.isRunning;

/** What an answer shows, taken within one turn; it goes out when all of it is durable (I2). */
interface Snapshot {
  readonly workflow: Workflow;
  readonly nextEventId: number;
  readonly isRunning: boolean;
  readonly tail: readonly TailBatch[];
}

async function takeSnapshot(shard: Shard, workflow: Workflow): Promise<Snapshot> {
  const snapshot: Snapshot = {
    workflow,
    nextEventId: workflow.state.nextEventId,
    isRunning: workflow.isRunning,
    tail: [...workflow.tail],
  };
  await shard.settled(workflow);
  return snapshot;
}

async function closeEventPage(
  engine: HistoryEngine,
  shard: Shard,
  api: ApiRequest,
  request: GetWorkflowExecutionHistoryRequest,
  workflow: Workflow,
): Promise<Uint8Array> {
  if (workflow.isRunning) {
    const { nextEventId } = workflow.state;
    const token = { runId: workflow.runId, firstEventId: 1, nextEventId, isWorkflowRunning: true };
    return respond(engine, workflow, [], request.waitNewEvent ? token : undefined);
  }
  const firstEventId = workflow.state.lastFirstEventId;
  const { nextEventId, tail } = await takeSnapshot(shard, workflow);
  const page = await readEvents(shard.store, {
    shardId: shard.shardId,
    branch: workflow.branch,
    tail,
    fromEventId: firstEventId,
    endEventId: nextEventId,
    maxEvents: Number.MAX_SAFE_INTEGER,
  });
  const batch = page.batches[page.batches.length - 1];
  if (batch === undefined) return respond(engine, workflow, [], undefined);
  if (sendsRaw(engine, workflow)) return respond(engine, workflow, [batch], undefined);
  const event = lastEventOf(batch);
  const follows = api.supportedFeatures.split(',').includes(FOLLOWS_NEXT_RUN_ID);
  return respond(engine, workflow, [follows ? event : followable(event)], undefined);
}

async function eventPage(
  engine: HistoryEngine,
  shard: Shard,
  api: ApiRequest,
  request: GetWorkflowExecutionHistoryRequest,
  { workflow, fromEventId, firstEventId, isLaterPage }: Target,
): Promise<Uint8Array> {
  const constraints = { namespace: workflow.namespace.name };
  const showsUnwritten =
    engine.config.get(SEND_UNWRITTEN_TASK_EVENTS, constraints) && !CLIENTS_OF_WRITTEN_EVENTS.has(api.clientName);
  const unwritten = showsUnwritten ? unwrittenTaskEvents(workflow, '') : [];
  const { nextEventId, isRunning, tail } = await takeSnapshot(shard, workflow);
  const token: HistoryPageTokenInit = {
    runId: workflow.runId,
    firstEventId,
    nextEventId,
    isWorkflowRunning: isRunning,
    branchToken: workflow.branchToken,
  };
  const pollToken = isRunning && request.waitNewEvent ? token : undefined;
  if (fromEventId >= nextEventId && !isLaterPage) return respond(engine, workflow, [], isRunning ? token : undefined);
  const page = await readEvents(shard.store, {
    shardId: shard.shardId,
    branch: workflow.branch,
    tail,
    fromEventId,
    endEventId: nextEventId,
    maxEvents: request.maximumPageSize || historyPageSize(workflow),
    countsBatches: true,
    endsWithEmptyPage: true,
  });
  if (page.nextEventId !== 0) {
    return respond(engine, workflow, page.batches, { ...token, position: page.nextEventId });
  }
  const batches = [...page.batches];
  if (unwritten.length !== 0) batches.push(History.encode({ events: unwritten }));
  return respond(engine, workflow, batches, pollToken);
}

function sendsRaw(engine: HistoryEngine, workflow: Workflow): boolean {
  return engine.config.get(SEND_RAW_WORKFLOW_HISTORY, { namespace: workflow.namespace.name });
}

function respond(
  engine: HistoryEngine,
  workflow: Workflow,
  batches: readonly Uint8Array[],
  token: HistoryPageTokenInit | undefined,
): Uint8Array {
  const raw = sendsRaw(engine, workflow);
  return GetWorkflowExecutionHistoryResponse.encode({
    history: raw ? Buffer.alloc(0) : Buffer.concat(batches),
    rawHistory: raw ? batches.map((data) => ({ encodingType: EncodingType.PROTO3, data })) : [],
    nextPageToken: token === undefined ? undefined : encodeHistoryPageToken(token),
  });
}
