// The write that removes a closed run for good, and the task that takes its visibility record away after it.

import { ShardTask } from '#proto/ostinato/persistence/v1';
import type { ExecutionMutation } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import { EMPTY_TASK } from '../queues/empty-task.ts';
import { TaskType } from '../queues/task-type.ts';
import type { Workflow } from '../workflow/workflow.ts';

export interface Deletion {
  readonly mutation: ExecutionMutation;
  readonly task: ShardTask;
}

const NO_BYTES = Buffer.alloc(0);

/** `isCurrent`: the current-run row goes with the run. */
export function deletionOf(
  workflow: Workflow,
  isCurrent: boolean,
  { taskId, nowMs }: { readonly taskId: number; readonly nowMs: number },
): Deletion {
  const { namespaceId, workflowId, runId, version } = workflow;
  const task: ShardTask = {
    ...EMPTY_TASK,
    type: TaskType.VISIBILITY_DELETE,
    namespaceId,
    workflowId,
    runId,
    taskId,
    version,
    createdTime: nowMs,
  };
  return {
    mutation: {
      namespaceId,
      workflowId,
      runId,
      kind: 'delete',
      state: NO_BYTES,
      parts: [],
      historyNodes: [],
      newBranches: [],
      deletedBranches: workflow.branches,
      current: isCurrent ? { expectedRunId: runId, row: null } : undefined,
      tasks: [{ category: TaskCategory.VISIBILITY, fireTimeMs: 0, taskId, data: ShardTask.encode(task) }],
    },
    task,
  };
}
