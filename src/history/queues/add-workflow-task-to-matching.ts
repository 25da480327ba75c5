import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { handToWorker } from './hand-to-worker.ts';

export interface ScheduledTask {
  readonly scheduledEventId: number;
  readonly stamp: number;
  /** The sticky queue to try first, '' for none. */
  readonly stickyTaskQueue: string;
  readonly createdTimeMs: number | undefined;
}

/** To the sticky queue while its worker lives, else to the normal one. Resolves once the task is with a worker or durable. */
export async function addWorkflowTaskToMatching(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  task: ScheduledTask,
): Promise<void> {
  const { namespaceId, workflowId, runId, state } = workflow;
  const hand = (sticky: boolean): Promise<boolean> =>
    handToWorker(engine, shard, {
      partition: {
        namespaceId,
        taskQueue: sticky ? task.stickyTaskQueue : state.taskQueue,
        taskQueueType: TaskQueueType.WORKFLOW,
        partitionId: 0,
        sticky,
        normalName: sticky ? state.taskQueue : '',
      },
      workflowId,
      runId,
      scheduledEventId: task.scheduledEventId,
      scheduleToStartTimeout: sticky ? state.stickyScheduleToStartTimeout : undefined,
      createdTimeMs: task.createdTimeMs,
      stamp: task.stamp,
      priority: state.priority,
    });
  const stickyWorkerUnavailable = await hand(task.stickyTaskQueue !== '');
  if (stickyWorkerUnavailable) await hand(false);
}
