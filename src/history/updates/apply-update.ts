// Takes an update request in: finds the update it repeats, or admits a new one and makes sure that a workflow task will carry
// it. Shared by UpdateWorkflowExecution and update-with-start. History thread.

import { TimeoutType } from '#proto/temporal/api/enums/v1';
import { Request } from '#proto/temporal/api/update/v1';
import type { UpdateWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { failedPrecondition, notFound, workflowNotReady } from '../../proto/service-errors.ts';
import { EventsOfRun } from '../api/update-completion.ts';
import type { HistoryEngine } from '../engine.ts';
import { workflowClosing, workflowCompleted } from '../errors.ts';
import { addWorkflowTaskToMatching } from '../queues/add-workflow-task-to-matching.ts';
import { armVolatileTimeout } from '../queues/volatile-timeouts.ts';
import type { Shard } from '../shard/shard.ts';
import type { Update } from '../workflow/update/index.ts';
import { completedOutcome } from '../workflow/update-outcome.ts';
import { updateRegistryOf } from '../workflow/update-registry-of.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { isSpeculative, scheduleWorkflowTask, speculativeScheduleToStartMs } from '../workflow/workflow-task.ts';

/** A workflow whose task failed this often fails on the update as well (Temporal: failUpdateWorkflowTaskAttemptCount). */
const FAILING_WORKFLOW_TASK_ATTEMPTS = 3;

/** Throws NOT_FOUND on a closed run, unless the update is one that it completed. */
export async function applyUpdate(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  call: UpdateWorkflowExecutionRequest,
): Promise<Update> {
  const { firstExecutionRunId } = call;
  if (firstExecutionRunId !== '' && workflow.state.firstExecutionRunId !== firstExecutionRunId) {
    throw notFound('workflow execution not found');
  }
  const updateId = call.request?.meta?.updateId ?? '';
  const outcome = await completedOutcome(shard, workflow, updateId);
  const registry = updateRegistryOf(workflow);
  if (outcome !== undefined) return registry.completedUpdate(updateId, outcome);
  const known = registry.find(updateId);
  if (!workflow.isRunning) {
    // Whoever asks this run again, by its run id, would be sent on for ever.
    if (known !== undefined && !known.isForNextRun) return known;
    throw workflowCompleted();
  }
  checkTakesUpdates(workflow);
  const request = call.request ?? Request.decode(Buffer.alloc(0));
  const { update, alreadyExisted } = registry.findOrAdmit(updateId, request, new EventsOfRun(workflow));
  if (!alreadyExisted && !workflow.hasPendingWorkflowTask) scheduleSpeculative(engine, shard, workflow);
  return update;
}

function checkTakesUpdates(workflow: Workflow): void {
  if (workflow.state.paused) throw failedPrecondition('Workflow is paused. Cannot update the workflow.');
  if (workflow.state.workflowTaskAttempt >= FAILING_WORKFLOW_TASK_ATTEMPTS) {
    throw workflowNotReady('Unable to perform workflow execution update due to Workflow Task in failed state.');
  }
  if (workflow.closeAttempted && workflow.hasStartedWorkflowTask) throw workflowClosing();
}

/** A task in memory only, handed to matching without a queued task; if no worker takes it, a timer makes it a normal one. */
export function scheduleSpeculative(engine: HistoryEngine, shard: Shard, workflow: Workflow): void {
  shard.decide(
    workflow,
    () => scheduleWorkflowTask(workflow, { speculative: true }),
    () => (isSpeculative(workflow) ? 'memory' : 'persist'),
  );
  if (!isSpeculative(workflow)) return;
  const { state } = workflow;
  const deadlineMs = shard.nowMs() + speculativeScheduleToStartMs(workflow);
  armVolatileTimeout(shard, workflow, deadlineMs, TimeoutType.SCHEDULE_TO_START);
  // What the task's history shows must be durable before a worker sees it.
  void Promise.resolve(shard.settled(workflow))
    .then(() =>
      addWorkflowTaskToMatching(engine, shard, workflow, {
        scheduledEventId: state.workflowTaskScheduledEventId,
        stamp: state.workflowTaskStamp,
        stickyTaskQueue: state.stickyTaskQueue,
        createdTimeMs: shard.nowMs(),
      }),
    )
    .catch((error: unknown) => {
      shard.logger.warn(
        { err: error, workflowId: workflow.workflowId },
        'speculative workflow task not handed to matching',
      );
    });
}
