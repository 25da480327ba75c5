// A completed update's outcome, read from its event. History thread.

import { History } from '#proto/temporal/api/history/v1';
import type { OutcomeInit } from '#proto/temporal/api/update/v1';
import { readEvents } from '../history-reader.ts';
import type { Shard } from '../shard/shard.ts';
import { StoredUpdateStage } from './update/index.ts';
import type { Workflow } from './workflow.ts';

/** Undefined if the run's state knows no such completed update. */
export async function completedOutcome(
  shard: Shard,
  workflow: Workflow,
  updateId: string,
): Promise<OutcomeInit | undefined> {
  const stored = workflow.updates.get(updateId);
  if (stored?.stage !== StoredUpdateStage.COMPLETED) return undefined;
  await shard.settled(workflow);
  const page = await readEvents(shard.store, {
    shardId: shard.shardId,
    branch: workflow.branch,
    tail: workflow.tail,
    // Batches are read whole: from the one that holds the event.
    fromEventId: stored.eventBatchId || stored.eventId,
    endEventId: stored.eventId + 1,
    maxEvents: stored.eventId - (stored.eventBatchId || stored.eventId) + 1,
  });
  for (const batch of page.batches) {
    const event = History.decode(batch).events.find(({ eventId }) => eventId === stored.eventId);
    if (event !== undefined) return event.workflowExecutionUpdateCompletedEventAttributes?.outcome ?? {};
  }
  return undefined;
}
