import { History, type HistoryEvent } from '#proto/temporal/api/history/v1';
import { invariant } from '../base/invariant.ts';
import { readEvents } from './history-reader.ts';
import type { Shard } from './shard/shard.ts';
import type { Workflow } from './workflow/workflow.ts';

/** The run's first event. What a decision needs of it must be at hand before the decision begins: see needsStartedEvent. */
export async function loadStartedEvent(shard: Shard, workflow: Workflow): Promise<HistoryEvent> {
  if (workflow.startedEvent !== undefined) return workflow.startedEvent;
  const { shardId, store } = shard;
  const { branch, tail } = workflow;
  const page = await readEvents(store, {
    shardId,
    branch,
    tail: tail[0]?.firstEventId === 1 ? tail : [],
    fromEventId: 1,
    endEventId: 2,
    maxEvents: 1,
  });
  const batch = page.batches[0];
  invariant(batch !== undefined, `run ${workflow.runId} has no first event`);
  const event = History.decode(batch).events[0];
  invariant(
    event?.workflowExecutionStartedEventAttributes !== undefined,
    `run ${workflow.runId} does not begin with a start`,
  );
  workflow.startedEvent = event;
  return event;
}

/** Whether the run, when it closes, may be followed by another, whose start repeats this one's. */
export function mayBeFollowed(workflow: Workflow): boolean {
  return workflow.state.cronSchedule !== '' || workflow.state.retryPolicy !== undefined;
}
