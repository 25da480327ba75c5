// A workflow task for which a poll waits is started while the commit that schedules it is being written, so that its answer is on its
// way meanwhile, under a seal (docs/decisions/0017). The start stays volatile: the queued task, which the same commit writes, finds it
// once both count (docs/decisions/0005). History thread.

import type { ShardTask } from '#proto/ostinato/persistence/v1';
import { PollWorkflowTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { invariant } from '../../base/invariant.ts';
import { composeWorkflowTask, hasEventsAtHand } from '../api/compose-workflow-task.ts';
import { recordStart } from '../api/record-workflow-task-started.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Publication } from '../shard/publication.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { workerTaskOf } from './add-workflow-task-to-matching.ts';
import { HandOvers } from './hand-overs.ts';
import { TaskType } from './task-type.ts';
import { scheduledTaskOf } from './transfer/workflow-task.ts';

/** Undefined if the task has to wait for its commit, as every other one does. */
export function startAhead(engine: HistoryEngine, shard: Shard, queued: ShardTask): Publication | undefined {
  if (queued.type !== TaskType.WORKFLOW_TASK) return undefined;
  const workflow = shard.cached(queued.namespaceId, queued.workflowId, queued.runId);
  if (workflow === undefined || !mayStart(workflow, queued)) return undefined;
  const task = workerTaskOf(workflow, scheduledTaskOf(workflow, queued));
  // Past its sticky queue already: the start would change where the answer's history begins.
  if (task.partition.sticky !== workflow.isStickyEnabled) return undefined;
  const poll = engine.parkedPolls.claim(task.partition);
  if (poll === undefined) return undefined;
  const requestId = shard.newId();
  workflow.workflowTaskTransferId = queued.taskId;
  const request = PollWorkflowTaskQueueRequest.decode(poll.request);
  try {
    recordStart(engine, shard, workflow, { poll: request, requestId, mayStayVolatile: true });
    const response = composeWorkflowTask(shard, workflow);
    invariant(!(response instanceof Promise), 'the events of a task that starts ahead are at hand');
    const handOvers = new HandOvers(engine, shard);
    handOvers.add({ poll, task, requestId, response });
    return handOvers;
  } catch (error) {
    // It must not stop the commit. The queued task meets the same, and knows what to do.
    engine.logger.warn(
      { err: error, workflowId: workflow.workflowId, runId: workflow.runId },
      'a task did not start ahead',
    );
    poll.giveBack();
    return undefined;
  }
}

function mayStart(workflow: Workflow, queued: ShardTask): boolean {
  const { state } = workflow;
  const isScheduled =
    workflow.isRunning &&
    state.workflowTaskScheduledEventId === queued.eventId &&
    state.workflowTaskStartedEventId === 0 &&
    state.workflowTaskStamp === queued.stamp;
  // What was decided since the commit was taken the answer must not show, and a start that somebody is to be shown is written.
  return isScheduled && !workflow.isDirty && !workflow.hasEventObservers && hasEventsAtHand(workflow);
}
