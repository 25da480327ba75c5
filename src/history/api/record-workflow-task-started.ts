// Matching found a worker for a workflow task: start it, unless it is obsolete, and compose the worker's answer.

import { RecordWorkflowTaskStartedRequest } from '#proto/ostinato/history/v1';
import { TaskQueueKind, TaskQueueType } from '#proto/temporal/api/enums/v1';
import { PollWorkflowTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import type { HistoryEngine, ShardHandler } from '../engine.ts';
import { workflowCompleted, workflowTaskNotFound } from '../errors.ts';
import { armVolatileStartToClose } from '../queues/volatile-timeouts.ts';
import type { Shard } from '../shard/shard.ts';
import { isTriedStart, type TaskStart } from '../task-start.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { clearStickyTaskQueue, currentTaskQueue, isSpeculative, startWorkflowTask } from '../workflow/workflow-task.ts';
import { composeWorkflowTask } from './compose-workflow-task.ts';

export const recordWorkflowTaskStarted: ShardHandler = (engine, shard, bytes) => {
  const request = RecordWorkflowTaskStartedRequest.decode(bytes);
  shard.assertNotReplaced(request.rangeId);
  return startWorkflowTaskForPoll(engine, shard, request, request.pollRequest);
};

interface WorkflowTaskStart {
  readonly poll: PollWorkflowTaskQueueRequest;
  readonly requestId: string;
  /** Its queued task leads back to it after a crash, and nobody is shown its event. */
  readonly mayStayVolatile: boolean;
}

/** Answers what the worker gets. Throws NOT_FOUND for a task that nobody needs any more. */
export async function startWorkflowTaskForPoll(
  engine: HistoryEngine,
  shard: Shard,
  request: TaskStart,
  pollRequest: Uint8Array,
): Promise<Uint8Array> {
  const poll = PollWorkflowTaskQueueRequest.decode(pollRequest);
  const workflow = await shard.workflow(request.namespaceId, request.workflowId, request.runId);
  const state = workflow.state;
  if (!workflow.isRunning) {
    workflow.queries.taskIsObsolete();
    throw workflowCompleted();
  }
  if (!workflow.hasPendingWorkflowTask || state.workflowTaskScheduledEventId !== request.scheduledEventId) {
    throw workflowTaskNotFound();
  }
  if (request.stamp !== state.workflowTaskStamp) throw notFound('Workflow task stamp mismatch');
  if (state.workflowTaskStartedEventId !== 0) {
    const recorded = state.workflowTaskRequestId;
    if (recorded !== request.requestId && !isTriedStart(request, recorded)) {
      throw notFound('Workflow task already started.');
    }
    return composeDurably(shard, workflow);
  }
  const queue = currentTaskQueue(workflow);
  if (queue.kind === TaskQueueKind.NORMAL && poll.taskQueue?.kind === TaskQueueKind.STICKY) {
    throw notFound('rejecting sticky poller because workflow has moved to normal queue');
  }
  // Written with the task's completion, as long as the queued task that leads back here after a crash is still outstanding.
  const mayStayVolatile =
    !workflow.hasEventObservers && shard.queues.transfer.isOutstanding(workflow.workflowTaskTransferId);
  recordStart(engine, shard, workflow, { poll, requestId: request.requestId, mayStayVolatile });
  return composeDurably(shard, workflow);
}

/** The scheduled task is the worker's from here on, in memory. */
export function recordStart(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  { poll, requestId, mayStayVolatile }: WorkflowTaskStart,
): void {
  const { state } = workflow;
  const queue = currentTaskQueue(workflow);
  shard.decide(
    workflow,
    () => {
      if (queue.kind === TaskQueueKind.STICKY && poll.taskQueue?.name !== queue.name) clearStickyTaskQueue(workflow);
      startWorkflowTask(workflow, {
        requestId,
        identity: poll.identity,
        tooManyUpdates: workflow.updateRegistry?.suggestContinueAsNew === true,
      });
      // The timeout's timer: in memory while the start is, written with it otherwise.
      workflow.volatileStart = !isSpeculative(workflow);
    },
    () => (isSpeculative(workflow) ? 'memory' : mayStayVolatile ? 'volatile' : 'persist'),
  );
  if (!workflow.isDirty) armVolatileStartToClose(shard, workflow);
  engine.metrics.taskStarted(
    workflow.namespace.name,
    TaskQueueType.WORKFLOW,
    shard.nowMs() - (state.workflowTaskScheduledTime ?? shard.nowMs()),
  );
}

/** What the answer shows was decided before: it goes out when that is durable, the start itself excepted (I5). */
async function composeDurably(shard: Shard, workflow: Workflow): Promise<Uint8Array> {
  const composing = composeWorkflowTask(shard, workflow);
  const [answer] = await Promise.all([composing, shard.hasUnsettled(workflow) ? shard.barrier() : undefined]);
  return answer;
}
