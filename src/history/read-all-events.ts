// A run's events, decoded: for what goes through a whole history (reset, rebuild). History thread.

import { History, type HistoryEvent } from '#proto/temporal/api/history/v1';
import { readEvents } from './history-reader.ts';
import type { Shard } from './shard/shard.ts';
import type { Workflow } from './workflow/workflow.ts';

/** Per read of the store. */
const READ_EVENTS = 1_000;

export interface ReadHistory {
  readonly events: readonly HistoryEvent[];
  readonly sizeBytes: number;
}

/** Events in [fromEventId, endEventId); with `wholeBatches` also those behind that were written with the last of them. */
export async function readAllEvents(
  shard: Shard,
  workflow: Workflow,
  fromEventId: number,
  endEventId: number,
  wholeBatches = false,
): Promise<ReadHistory> {
  const events: HistoryEvent[] = [];
  let sizeBytes = 0;
  for (let next = fromEventId; next !== 0 && next < endEventId; ) {
    const page = await readEvents(shard.store, {
      shardId: shard.shardId,
      branch: workflow.branch,
      tail: workflow.tail,
      fromEventId: next,
      endEventId,
      maxEvents: READ_EVENTS,
      wholeBatches,
    });
    for (const batch of page.batches) {
      sizeBytes += batch.length;
      events.push(...History.decode(batch).events);
    }
    next = page.nextEventId;
  }
  return { events, sizeBytes };
}
