// Timeouts of workflow tasks that only memory knows: timers in memory beside them. What is written brings its timers along.
// History thread.

import { TimeoutType } from '#proto/temporal/api/enums/v1';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { startToCloseDeadlineMs, workflowTaskTimeout } from '../workflow/workflow-task.ts';
import { EMPTY_TASK } from './queued-task.ts';

/** Of the pending workflow task. */
export function armVolatileTimeout(
  shard: Shard,
  workflow: Workflow,
  fireTimeMs: number,
  timeoutType: TimeoutType,
): void {
  shard.queues.timers.addVolatile(
    {
      ...EMPTY_TASK,
      ...workflowTaskTimeout(workflow, timeoutType),
      namespaceId: workflow.namespaceId,
      workflowId: workflow.workflowId,
      runId: workflow.runId,
      taskId: shard.nextTaskId(),
    },
    fireTimeMs,
  );
}

export function armVolatileStartToClose(shard: Shard, workflow: Workflow): void {
  armVolatileTimeout(shard, workflow, startToCloseDeadlineMs(workflow), TimeoutType.START_TO_CLOSE);
}
