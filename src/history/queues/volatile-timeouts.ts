// Timeouts of workflow tasks that only memory knows: timers in memory beside them. What is written brings its timers along.
// History thread.

import { TimeoutType } from '#proto/temporal/api/enums/v1';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { startToCloseDeadlineMs } from '../workflow/workflow-task.ts';
import { EMPTY_TASK } from './queued-task.ts';
import { TaskType } from './task-type.ts';

/** Of the pending workflow task. */
export function armVolatileTimeout(
  shard: Shard,
  workflow: Workflow,
  fireTimeMs: number,
  timeoutType: TimeoutType,
): void {
  const { state } = workflow;
  shard.queues.timers.addVolatile(
    {
      ...EMPTY_TASK,
      type: TaskType.WORKFLOW_TASK_TIMEOUT,
      namespaceId: workflow.namespaceId,
      workflowId: workflow.workflowId,
      runId: workflow.runId,
      taskId: shard.nextTaskId(),
      eventId: state.workflowTaskScheduledEventId,
      attempt: state.workflowTaskAttempt,
      stamp: state.workflowTaskStamp,
      version: state.workflowTaskVersion,
      timeoutType,
    },
    fireTimeMs,
  );
}

export function armVolatileStartToClose(shard: Shard, workflow: Workflow): void {
  armVolatileTimeout(shard, workflow, startToCloseDeadlineMs(workflow), TimeoutType.START_TO_CLOSE);
}
