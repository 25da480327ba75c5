// Tells the visibility store, through the worker thread, how a run stands. A task whose run has changed since writes what is true
// now; rows are ordered by the task's id, so a late one cannot undo a newer one. History thread.

import type { ShardTask } from '#proto/ostinato/persistence/v1';
import type { VisibilityRecordInit } from '#proto/ostinato/worker/v1';
import { Memo, SearchAttributes } from '#proto/temporal/api/common/v1';
import { activityVisibilityRecord } from '../activity-execution/visibility-record.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { findActivityForTask, findForTask } from './find-for-task.ts';
import type { TaskExecutor } from './task-executor.ts';
import { TaskType } from './task-type.ts';

export function visibilityExecutor(engine: HistoryEngine): (shard: Shard) => TaskExecutor {
  return (shard) => async (task) => {
    // In a function of its own: while the record waits to be written with others, nothing here holds on to the run.
    const record = await recordFor(shard, task);
    if (record === undefined) return undefined;
    await engine.visibility.record(record);
    return undefined;
  };
}

/** How the task's execution stands by now, once that is durable; undefined if it is gone. */
async function recordFor(shard: Shard, task: ShardTask): Promise<VisibilityRecordInit | undefined> {
  const { namespaceId, workflowId, runId, taskId } = task;
  if (task.type === TaskType.VISIBILITY_DELETE) {
    return { namespaceId, workflowId, runId, version: taskId, deleted: true };
  }
  if (task.type === TaskType.VISIBILITY_ACTIVITY_EXECUTION) {
    const execution = await findActivityForTask(shard, task);
    if (execution === undefined) return undefined;
    while (shard.activities.hasUnsettled(execution)) await shard.barrier();
    return activityVisibilityRecord(execution, taskId);
  }
  const workflow = await findForTask(shard, task);
  if (workflow === undefined) return undefined;
  while (shard.hasUnsettled(workflow)) await shard.barrier();
  return visibilityRecord(workflow, taskId);
}

export function visibilityRecord(workflow: Workflow, version: number): VisibilityRecordInit {
  const { state } = workflow;
  const closed = !workflow.isRunning;
  const startMs = state.executionTime ?? state.startTime ?? 0;
  return {
    namespaceId: workflow.namespaceId,
    workflowId: workflow.workflowId,
    runId: workflow.runId,
    workflowType: state.workflowType,
    startTime: state.startTime,
    executionTime: state.executionTime,
    closeTime: closed ? state.closeTime : undefined,
    status: state.status,
    historyLength: closed ? state.nextEventId - 1 : 0,
    historySizeBytes: closed ? state.historySizeBytes : 0,
    stateTransitionCount: closed ? state.stateTransitionCount : 0,
    executionDuration: closed && state.closeTime !== undefined ? Math.max(0, state.closeTime - startMs) : undefined,
    taskQueue: state.taskQueue,
    memo: state.memo.size === 0 ? undefined : Memo.encode({ fields: state.memo }),
    searchAttributes:
      state.searchAttributes.size === 0
        ? undefined
        : SearchAttributes.encode({ indexedFields: state.searchAttributes }),
    parentWorkflowId: state.parentWorkflowId,
    parentRunId: state.parentRunId,
    rootWorkflowId: state.rootWorkflowId,
    rootRunId: state.rootRunId,
    version,
  };
}
