import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { handToWorker, type WorkerTask } from './hand-to-worker.ts';

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
  const stickyWorkerUnavailable = await handToWorker(engine, shard, workerTaskOf(workflow, task));
  if (stickyWorkerUnavailable) {
    await handToWorker(engine, shard, workerTaskOf(workflow, { ...task, stickyTaskQueue: '' }));
  }
}

/** As its queue's workers get it. */
export function workerTaskOf(workflow: Workflow, task: ScheduledTask): WorkerTask {
  const { namespaceId, workflowId, runId, state } = workflow;
  const { scheduledEventId, stickyTaskQueue, createdTimeMs, stamp } = task;
  const sticky = stickyTaskQueue !== '';
  return {
    partition: {
      namespaceId,
      taskQueue: sticky ? stickyTaskQueue : state.taskQueue,
      taskQueueType: TaskQueueType.WORKFLOW,
      partitionId: 0,
      sticky,
      normalName: sticky ? state.taskQueue : '',
    },
    workflowId,
    runId,
    scheduledEventId,
    scheduleToStartTimeout: sticky ? state.stickyScheduleToStartTimeout : undefined,
    createdTimeMs,
    stamp,
    priority: state.priority,
  };
}
