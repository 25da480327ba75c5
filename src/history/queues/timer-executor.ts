// Runs the shard's timer tasks: each type has its own file. History thread.

import { invariant } from '../../base/invariant.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { measured } from './measured.ts';
import type { ShardTaskExecutor, TaskExecutor } from './task-executor.ts';
import { TaskType } from './task-type.ts';
import { activityExecutionTimeout } from './timer/activity-execution-timeout.ts';
import { activityRetry } from './timer/activity-retry.ts';
import { activityTimeout } from './timer/activity-timeout.ts';
import { deleteHistory } from './timer/delete-history.ts';
import { userTimer } from './timer/user-timer.ts';
import { workflowBackoff } from './timer/workflow-backoff.ts';
import { workflowTaskTimeout } from './timer/workflow-task-timeout.ts';
import { workflowExecutionTimeout, workflowRunTimeout } from './timer/workflow-timeout.ts';
import { activityExecutionDispatch } from './transfer/activity-execution-dispatch.ts';
import { deleteActivityExecution } from './transfer/delete-activity-execution.ts';

const EXECUTORS: Readonly<Record<number, ShardTaskExecutor>> = {
  [TaskType.USER_TIMER]: userTimer,
  [TaskType.ACTIVITY_TIMEOUT]: activityTimeout,
  [TaskType.ACTIVITY_RETRY]: activityRetry,
  [TaskType.WORKFLOW_TASK_TIMEOUT]: workflowTaskTimeout,
  [TaskType.WORKFLOW_RUN_TIMEOUT]: workflowRunTimeout,
  [TaskType.WORKFLOW_EXECUTION_TIMEOUT]: workflowExecutionTimeout,
  [TaskType.WORKFLOW_BACKOFF]: workflowBackoff,
  [TaskType.DELETE_HISTORY]: deleteHistory,
  [TaskType.ACTIVITY_EXECUTION_BACKOFF]: activityExecutionDispatch,
  [TaskType.ACTIVITY_EXECUTION_TIMEOUT]: activityExecutionTimeout,
  [TaskType.ACTIVITY_EXECUTION_RETENTION]: deleteActivityExecution,
};

export function timerExecutor(engine: HistoryEngine): (shard: Shard) => TaskExecutor {
  return (shard) => (task) => {
    const execute = EXECUTORS[task.type];
    invariant(execute !== undefined, `timer task of unknown type ${task.type}`);
    return measured(engine, task, execute(engine, shard, task));
  };
}
