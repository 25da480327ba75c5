// The write that removes a closed run for good, and the task that takes its visibility record away after it.

import { ShardTask } from '#proto/ostinato/persistence/v1';
import type { ExecutionMutation } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import { EMPTY_TASK } from '../queues/queued-task.ts';
import { TaskType } from '../queues/task-type.ts';
import type { WorkflowEnvironment } from '../workflow/environment.ts';

export interface Deletion {
  readonly mutation: ExecutionMutation;
  readonly task: ShardTask;
}

const NO_BYTES = Buffer.alloc(0);

/** A run of a workflow, or an activity without one. */
interface Deleted {
  readonly storeKey: Pick<ExecutionMutation, 'namespaceId' | 'workflowId' | 'runId'>;
  /** The namespace's own id, which the store key of an activity has not. */
  readonly namespaceId: string;
  readonly version: number;
}

/** `isCurrent`: the current-run row goes with the run. */
export function deletionOf(
  { storeKey, namespaceId, version }: Deleted,
  deletedBranches: ExecutionMutation['deletedBranches'],
  isCurrent: boolean,
  environment: Pick<WorkflowEnvironment, 'nextTaskId' | 'nowMs'>,
): Deletion {
  const { workflowId, runId } = storeKey;
  const taskId = environment.nextTaskId();
  const task: ShardTask = {
    ...EMPTY_TASK,
    type: TaskType.VISIBILITY_DELETE,
    namespaceId,
    workflowId,
    runId,
    taskId,
    version,
    createdTime: environment.nowMs(),
  };
  return {
    mutation: {
      ...storeKey,
      kind: 'delete',
      state: NO_BYTES,
      parts: [],
      historyNodes: [],
      newBranches: [],
      deletedBranches,
      current: isCurrent ? { expectedRunId: runId, row: null } : undefined,
      tasks: [{ category: TaskCategory.VISIBILITY, fireTimeMs: 0, taskId, data: ShardTask.encode(task) }],
    },
    task,
  };
}
