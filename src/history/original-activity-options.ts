// The options that activities were scheduled with, from their scheduled events, for those who want them back.

import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { History } from '#proto/temporal/api/history/v1';
import { invariant } from '../base/invariant.ts';
import { readEvents } from './history-reader.ts';
import type { Shard } from './shard/shard.ts';
import type { ChangedOptions } from './workflow/activity-operations.ts';
import type { Workflow } from './workflow/workflow.ts';

/** By scheduled event id. */
export type OriginalOptions = ReadonlyMap<number, ChangedOptions>;
export const noOriginalOptions: OriginalOptions = new Map();

export async function loadOriginalOptions(
  shard: Shard,
  workflow: Workflow,
  activities: readonly ActivityInfo[],
): Promise<OriginalOptions> {
  const { branch } = workflow;
  const tail = [...workflow.tail];
  const originals = new Map<number, ChangedOptions>();
  await shard.settled(workflow);
  for (const { scheduledEventId, scheduledEventBatchId } of activities) {
    // The store is asked for whole batches.
    const fromEventId = Math.min(scheduledEventBatchId || scheduledEventId, scheduledEventId);
    const page = await readEvents(shard.store, {
      shardId: shard.shardId,
      branch,
      tail,
      fromEventId,
      endEventId: scheduledEventId + 1,
      maxEvents: scheduledEventId - fromEventId + 1,
    });
    const event = page.batches
      .flatMap((batch) => History.decode(batch).events)
      .find(({ eventId }) => eventId === scheduledEventId);
    const attributes = event?.activityTaskScheduledEventAttributes;
    invariant(attributes !== undefined, `activity ${scheduledEventId} of run ${workflow.runId} was never scheduled`);
    originals.set(scheduledEventId, attributes);
  }
  return originals;
}
