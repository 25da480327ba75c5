// Reads a run's events as the encoded batches that the store and the workflow's tail hold; nothing is decoded on the way to a
// worker. History thread.

import type { HistoryBranch } from '#proto/ostinato/persistence/v1';
import { History } from '#proto/temporal/api/history/v1';
import { invariant } from '../base/invariant.ts';
import type { ExecutionStore, ReadHistory } from '../persistence/index.ts';
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

export async function readEvents(store: ExecutionStore, request: ReadEvents): Promise<EventPage> {
  const { tail, fromEventId, endEventId } = request;
  const batches: Uint8Array[] = [];
  const cutEnd = request.wholeBatches === true ? Number.MAX_SAFE_INTEGER : endEventId;
  const weight = (events: number) => (request.countsBatches === true ? 1 : events);
  let next = fromEventId;
  let count = 0;
  // Temporal reads one branch after the other, and goes on to the next only while the page has fewer events than batches were asked for.
  const forks = new Set(request.countsBatches === true ? request.branch.ancestors.map((one) => one.endNodeId) : []);
  let eventsRead = 0;
  const endsAt = (nodeId: number): boolean => {
    if (batches.length === 0 || !forks.has(nodeId)) return count >= request.maxEvents;
    count = 0;
    return eventsRead >= request.maxEvents;
  };
  const tailFirst = tail[0]?.firstEventId ?? Number.POSITIVE_INFINITY;
  if (next < tailFirst && next < endEventId) {
    const page = await store.readHistory({
      shardId: request.shardId,
      treeId: request.branch.treeId,
      segments: branchSegments(request.branch),
      minNodeId: next,
      endNodeId: Math.min(tailFirst, endEventId),
      limit: request.maxEvents * (1 + forks.size),
      reverse: false,
    });
    for (const { nodeId, data } of page.nodes) {
      if (endsAt(nodeId)) return { batches, nextEventId: nodeId };
      const events = countEvents(data);
      const skip = next - nodeId;
      if (skip >= events) continue; // read again from the middle of an older batch
      batches.push(cut(data, nodeId, next, cutEnd));
      eventsRead += nodeId + events - next;
      next = nodeId + events;
      count += weight(events);
    }
    if (page.hasMore) return { batches, nextEventId: next };
  }
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
