// Matching found a worker for an activity without a workflow: the attempt is written as started before the worker sees it (I5).

import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import type { PollActivityTaskQueueRequest } from '#proto/temporal/api/workflowservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { isTriedStart, type TaskStart } from '../task-start.ts';
import type { ActivityExecution } from './activity-execution.ts';
import { ActivityStage, stageName } from './activity-stage.ts';
import { composeActivityTask } from './activity-task.ts';
import { startAttempt, takeOverStart } from './attempts.ts';

export async function recordActivityExecutionStarted(
  engine: HistoryEngine,
  shard: Shard,
  request: TaskStart,
  poll: PollActivityTaskQueueRequest,
): Promise<Uint8Array> {
  const { activities } = shard;
  const execution = await activities.get(request.namespaceId, request.workflowId, request.runId);
  const { requestId } = request;
  if (execution.hasAttemptInProgress && execution.state.startRequestId === requestId) {
    await activities.settled(execution);
    return composeActivityTask(execution);
  }
  return activities.update(execution, () => {
    if (execution.hasAttemptInProgress && isTriedStart(request, execution.state.startRequestId)) {
      takeOverStart(execution, { requestId, identity: poll.identity });
      return composeActivityTask(execution);
    }
    checkAwaited(execution, request.stamp);
    startAttempt(execution, { requestId, identity: poll.identity, sdkName: '', sdkVersion: '' });
    const { startedTime = 0, scheduledTime = startedTime } = execution.state;
    engine.metrics.taskStarted(execution.namespace.name, TaskQueueType.ACTIVITY, startedTime - scheduledTime);
    return composeActivityTask(execution);
  });
}

/** Matching drops a task whose start is refused so. */
function checkAwaited({ state }: ActivityExecution, stamp: number): void {
  if (state.stamp !== stamp) throw notFound('activity attempt stamp mismatch');
  if (state.stage !== ActivityStage.SCHEDULED) throw notFound(`invalid transition from ${stageName(state.stage)}`);
}
