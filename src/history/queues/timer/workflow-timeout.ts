// A run, or the whole execution, ran out of time.

import { EventType, RetryState, TimeoutType } from '#proto/temporal/api/enums/v1';
import { Failure } from '#proto/temporal/api/failure/v1';
import { loadStartedEvent, mayBeFollowed } from '../../started-event.ts';
import { closeRun, failStartedTask } from '../../workflow/close.ts';
import { nextRunOf, repeatRun } from '../../workflow/successor.ts';
import { IMMEDIATE } from '../../workflow/update/index.ts';
import { findOpenForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

const TIMEOUT_FAILURE = Failure.encode({
  message: 'workflow timeout',
  source: 'Server',
  timeoutFailureInfo: { timeoutType: TimeoutType.START_TO_CLOSE },
});

/** The run's own timeout: a retry or cron run may follow. */
export const workflowRunTimeout: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning) return undefined;
  const deadline = workflow.state.runExpirationTime;
  if (deadline === undefined || deadline > workflow.nowMs) return undefined;
  if (mayBeFollowed(workflow)) await loadStartedEvent(shard, workflow);
  if (!workflow.isRunning) return undefined;
  await shard.update(workflow, () => {
    const { next, retryState } = nextRunOf(workflow, { kind: 'timedOut', failure: TIMEOUT_FAILURE });
    const newExecutionRunId = next === undefined ? '' : workflow.environment.newId();
    failStartedTask(workflow);
    closeRun(workflow, EventType.WORKFLOW_EXECUTION_TIMED_OUT, {
      workflowExecutionTimedOutEventAttributes: { retryState, newExecutionRunId },
    });
    if (next !== undefined) repeatRun(workflow, newExecutionRunId, next);
  });
  workflow.updateRegistry?.workflowClosed(workflow.state.newRunId !== '', IMMEDIATE);
  return undefined;
};

/** The execution's timeout: nothing follows. */
export const workflowExecutionTimeout: ShardTaskExecutor = async (_engine, shard, task) => {
  const workflow = await findOpenForTask(shard, task);
  if (workflow === undefined || !workflow.isRunning) return undefined;
  const deadline = workflow.state.executionExpirationTime;
  if (deadline === undefined || deadline > workflow.nowMs) return undefined;
  await shard.update(workflow, () => {
    failStartedTask(workflow);
    closeRun(workflow, EventType.WORKFLOW_EXECUTION_TIMED_OUT, {
      workflowExecutionTimedOutEventAttributes: { retryState: RetryState.TIMEOUT },
    });
  });
  workflow.updateRegistry?.workflowClosed(false, IMMEDIATE);
  return undefined;
};
