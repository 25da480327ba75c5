// Tasks on their way into a commit: what a decision implies becomes a stored row and what its queue publishes.

import { ShardTask, type ShardTaskInit } from '#proto/ostinato/persistence/v1';
import { TaskCategory, type TaskInsert } from '../../persistence/index.ts';
import type { WorkflowEnvironment } from '../workflow/environment.ts';

/** All fields of a queued task at their defaults, to be spread under those that a task has. */
export const EMPTY_TASK: ShardTask = ShardTask.decode(Buffer.alloc(0));

/** A task that a decision asks for. It gets its id when the commit takes it, so that ids follow the order of commits. */
export interface NewTask {
  readonly category: TaskCategory;
  readonly fireTimeMs: number;
  readonly task: ShardTaskInit;
}

/** Hears of each task of a commit; it is published once the commit is durable. */
export type OnTask = (category: TaskCategory, fireTimeMs: number, task: ShardTask) => void;

/** The execution that the tasks are about. */
interface TaskOwner {
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly environment: Pick<WorkflowEnvironment, 'nextTaskId' | 'nowMs'>;
}

/** Ids in the order of the tasks. Timers get no time before `earliestTimerMs`. */
export function queueTasks(
  { namespaceId, workflowId, runId, environment }: TaskOwner,
  newTasks: readonly NewTask[],
  earliestTimerMs: number,
  onTask: OnTask,
): TaskInsert[] {
  const createdTime = environment.nowMs();
  return newTasks.map(({ category, fireTimeMs: wantedMs, task: init }) => {
    const taskId = environment.nextTaskId();
    // Stores order by whole milliseconds; rounding up keeps a timer from firing early.
    const fireTimeMs = category === TaskCategory.TIMER ? Math.ceil(Math.max(wantedMs, earliestTimerMs)) : 0;
    const task: ShardTask = {
      ...EMPTY_TASK,
      ...(init as Partial<ShardTask>),
      taskId,
      namespaceId,
      workflowId,
      runId,
      visibilityTime: fireTimeMs === 0 ? undefined : fireTimeMs,
      createdTime,
    };
    onTask(category, fireTimeMs, task);
    return { category, fireTimeMs, taskId, data: ShardTask.encode(task) };
  });
}
