// Hands a scheduled workflow task to matching.

import type { ShardTask } from '#proto/ostinato/persistence/v1';
import type { Workflow } from '../../workflow/workflow.ts';
import { addWorkflowTaskToMatching, type ScheduledTask } from '../add-workflow-task-to-matching.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor, TaskOutcome } from '../task-executor.ts';

export const workflowTask: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined) return undefined;
  const { state } = workflow;
  if (!workflow.isRunning || state.workflowTaskScheduledEventId !== task.eventId) return undefined;
  // Started by an attempt to hand it over whose answer got lost.
  if (state.workflowTaskStartedEventId !== 0) return onceStartIsDurable(workflow);
  if (task.stamp !== state.workflowTaskStamp) return undefined;
  workflow.workflowTaskTransferId = task.taskId;
  await addWorkflowTaskToMatching(engine, shard, workflow, scheduledTaskOf(workflow, task));
  return onceStartIsDurable(workflow);
};

export function scheduledTaskOf(workflow: Workflow, task: ShardTask): ScheduledTask {
  // A run that left its sticky queue meanwhile goes to the normal one.
  const isSticky = task.sticky && workflow.state.stickyTaskQueue === task.taskQueue && hasTimeOnStickyQueue(workflow);
  return {
    scheduledEventId: task.eventId,
    stamp: task.stamp,
    stickyTaskQueue: isSticky ? task.taskQueue : '',
    createdTimeMs: task.createdTime,
  };
}

/** The start may be known only here: then this task must be found again after a crash, until a commit has written the start. */
function onceStartIsDurable(workflow: Workflow): TaskOutcome {
  if (!workflow.volatileStart || workflow.discarded) return undefined;
  return { onceDurable: (done) => workflow.onceWritten.push(done) };
}

/**
 * The timer that would bring the task back from a queue without a worker is done once it found the task started. When that start
 * was only in memory and is lost, the task comes here again, and no timer watches it any more.
 */
function hasTimeOnStickyQueue({ state, nowMs }: Workflow): boolean {
  const timeoutMs = state.stickyScheduleToStartTimeout ?? 0;
  return timeoutMs === 0 || nowMs < (state.workflowTaskScheduledTime ?? nowMs) + timeoutMs;
}
