// Runs the shard's transfer tasks: each type has its own file. History thread.

import { invariant } from '../../base/invariant.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { measured } from './measured.ts';
import type { ShardTaskExecutor, TaskExecutor } from './task-executor.ts';
import { TaskType } from './task-type.ts';
import { activityExecutionDispatch } from './transfer/activity-execution-dispatch.ts';
import { activityTask } from './transfer/activity-task.ts';
import { cancelExecution } from './transfer/cancel-execution.ts';
import { closeExecution } from './transfer/close-execution.ts';
import { deleteActivityExecution } from './transfer/delete-activity-execution.ts';
import { deleteExecution } from './transfer/delete-execution.ts';
import { signalExecution } from './transfer/signal-execution.ts';
import { startChildExecution } from './transfer/start-child-execution.ts';
import { workflowTask } from './transfer/workflow-task.ts';

const EXECUTORS: Readonly<Record<number, ShardTaskExecutor>> = {
  [TaskType.WORKFLOW_TASK]: workflowTask,
  [TaskType.ACTIVITY_TASK]: activityTask,
  [TaskType.CLOSE_EXECUTION]: closeExecution,
  [TaskType.CANCEL_EXECUTION]: cancelExecution,
  [TaskType.START_CHILD_EXECUTION]: startChildExecution,
  [TaskType.SIGNAL_EXECUTION]: signalExecution,
  [TaskType.DELETE_EXECUTION]: deleteExecution,
  [TaskType.ACTIVITY_EXECUTION_DISPATCH]: activityExecutionDispatch,
  [TaskType.DELETE_ACTIVITY_EXECUTION]: deleteActivityExecution,
};

export function transferExecutor(engine: HistoryEngine): (shard: Shard) => TaskExecutor {
  return (shard) => (task) => {
    const execute = EXECUTORS[task.type];
    invariant(execute !== undefined, `transfer task of unknown type ${task.type}`);
    return measured(engine, task, execute(engine, shard, task));
  };
}
