// Reads a run's events as the encoded batches that the store and the workflow's tail hold; nothing is decoded on the way to a
// worker. History thread.

import type { HistoryBranch } from '#proto/ostinato/persistence/v1';
import { History } from '#proto/temporal/api/history/v1';
import { invariant } from '../base/invariant.ts';
import { type MaybePromise, whenReady } from '../base/maybe-promise.ts';
import type { ExecutionStore, HistoryPage, ReadHistory } from '../persistence/index.ts';
import { Reader } from '../proto/wire.ts';
import { HISTORY_MAX_PAGE_SIZE } from './limits.ts';
import type { TailBatch, Workflow } from './workflow/workflow.ts';

export interface ReadEvents {
  readonly shardId: number;
  readonly branch: HistoryBranch;
  /** Batches at hand in memory, ending at the run's last event; [] for none. */
  readonly tail: readonly TailBatch[];
  readonly fromEventId: number;
  /** Exclusive. */
  readonly endEventId: number;
  /** The page ends with the batch that reaches this many events. */
  readonly maxEvents: number;
  /** `maxEvents` counts batches, as the pages of Temporal's history calls do. */
  readonly countsBatches?: boolean;
  /** A last page that is full is followed by an empty one, as in Temporal on SQL. */
  readonly endsWithEmptyPage?: boolean;
  /** The last batch comes whole, also when `endEventId` lies within it. */
  readonly wholeBatches?: boolean;
}

export interface EventPage {
  /** Encoded History messages, in order. */
  readonly batches: readonly Uint8Array[];
  /** Where the next page begins; 0 after the last one. */
  readonly nextEventId: number;
}

/** Batches in the history of a poll response; the worker fetches the rest by page. */
export function historyPageSize({ environment, namespace }: Workflow): number {
  return environment.config.get(HISTORY_MAX_PAGE_SIZE, { namespace: namespace.name });
}

/** At once where the tail has all that is asked for. */
export function readEvents(store: ExecutionStore, request: ReadEvents): MaybePromise<EventPage> {
  const { tail, branch, fromEventId, endEventId, maxEvents } = request;
  const tailFirst = tail[0]?.firstEventId ?? Number.POSITIVE_INFINITY;
  if (fromEventId >= Math.min(tailFirst, endEventId)) return composePage(request, NOTHING_STORED);
  const reading = store.readHistory({
    shardId: request.shardId,
    treeId: branch.treeId,
    segments: branchSegments(branch),
    minNodeId: fromEventId,
    endNodeId: Math.min(tailFirst, endEventId),
    limit: maxEvents * (1 + forksOf(request).size),
    reverse: false,
  });
  return whenReady(reading, (stored) => composePage(request, stored));
}

const NOTHING_STORED: HistoryPage = { nodes: [], hasMore: false };

/** Temporal reads one branch after the other, and goes on to the next only while the page has fewer events than batches were asked for. */
function forksOf({ branch, countsBatches }: ReadEvents): ReadonlySet<number> {
  return new Set(countsBatches === true ? branch.ancestors.map((one) => one.endNodeId) : []);
}

/** What the store had, then the tail. */
function composePage(request: ReadEvents, stored: HistoryPage): EventPage {
  const { tail, fromEventId, endEventId } = request;
  const batches: Uint8Array[] = [];
  const cutEnd = request.wholeBatches === true ? Number.MAX_SAFE_INTEGER : endEventId;
  const weight = (events: number) => (request.countsBatches === true ? 1 : events);
  let next = fromEventId;
  let count = 0;
  const forks = forksOf(request);
  let eventsRead = 0;
  const endsAt = (nodeId: number): boolean => {
    if (batches.length === 0 || !forks.has(nodeId)) return count >= request.maxEvents;
    count = 0;
    return eventsRead >= request.maxEvents;
  };
  for (const { nodeId, data } of stored.nodes) {
    if (endsAt(nodeId)) return { batches, nextEventId: nodeId };
    const events = countEvents(data);
    const skip = next - nodeId;
    if (skip >= events) continue; // read again from the middle of an older batch
    batches.push(cut(data, nodeId, next, cutEnd));
    eventsRead += nodeId + events - next;
    next = nodeId + events;
    count += weight(events);
  }
  if (stored.hasMore) return { batches, nextEventId: next };
  for (const batch of tail) {
    if (next >= endEventId) break;
    if (batch.endEventId <= next) continue;
    if (endsAt(next)) return { batches, nextEventId: next };
    invariant(batch.firstEventId <= next, `history has a gap before event ${batch.firstEventId}`);
    batches.push(cut(batch.data, batch.firstEventId, next, cutEnd));
    eventsRead += batch.endEventId - next;
    next = batch.endEventId;
    count += weight(batch.endEventId - batch.firstEventId);
  }
  const isFull = batches.length !== 0 && count >= request.maxEvents;
  return { batches, nextEventId: isFull && (next < endEventId || request.endsWithEmptyPage === true) ? next : 0 };
}

/** Oldest first, the branch itself last and open-ended. */
export function branchSegments(branch: HistoryBranch): ReadHistory['segments'] {
  const segments = branch.ancestors.map(({ branchId, beginNodeId, endNodeId }) => ({
    branchId,
    minNodeId: beginNodeId,
    endNodeId,
  }));
  const forkedAt = branch.ancestors[branch.ancestors.length - 1]?.endNodeId ?? 1;
  return [...segments, { branchId: branch.branchId, minNodeId: forkedAt, endNodeId: Number.MAX_SAFE_INTEGER }];
}

/** Events in an encoded History: its top-level fields. */
export function countEvents(history: Uint8Array): number {
  const reader = new Reader(history);
  let count = 0;
  while (reader.pos < reader.end) {
    reader.skip(reader.uint32());
    count++;
  }
  return count;
}

/** The last event of a batch, as a batch of its own. */
export function lastEventOf(history: Uint8Array): Uint8Array {
  const reader = new Reader(history);
  let start = 0;
  while (reader.pos < reader.end) {
    start = reader.pos;
    reader.skip(reader.uint32());
  }
  return history.subarray(start);
}

/** A batch without the events outside [from, end); the batch itself when all are inside. */
function cut(data: Uint8Array, firstEventId: number, fromEventId: number, endEventId: number): Uint8Array {
  if (firstEventId >= fromEventId && firstEventId + countEvents(data) <= endEventId) return data;
  const { events } = History.decode(data);
  return History.encode({
    events: events.filter((event) => event.eventId >= fromEventId && event.eventId < endEventId),
  });
}
