// Matching found a worker for an activity: the attempt is written as started before the worker sees it (I5).

import { RecordActivityTaskStartedRequest } from '#proto/ostinato/history/v1';
import type { ActivityInfo } from '#proto/ostinato/persistence/v1';
import { TaskToken } from '#proto/ostinato/token/v1';
import { TaskQueueType } from '#proto/temporal/api/enums/v1';
import {
  PollActivityTaskQueueRequest,
  PollActivityTaskQueueResponse,
  type PollActivityTaskQueueResponseInit,
} from '#proto/temporal/api/workflowservice/v1';
import { notFound } from '../../proto/service-errors.ts';
import { recordActivityExecutionStarted } from '../activity-execution/record-started.ts';
import type { HistoryEngine, ShardHandler } from '../engine.ts';
import { activityTaskNotFound, workflowCompleted } from '../errors.ts';
import { mergePriority } from '../merge-priority.ts';
import type { Shard } from '../shard/shard.ts';
import { isTriedStart, type TaskStart } from '../task-start.ts';
import { startActivity, takeOverStart } from '../workflow/activity.ts';
import type { Workflow } from '../workflow/workflow.ts';

export const recordActivityTaskStarted: ShardHandler = (engine, shard, bytes) => {
  const request = RecordActivityTaskStartedRequest.decode(bytes);
  shard.assertNotReplaced(request.rangeId);
  return startActivityForPoll(engine, shard, request, request.pollRequest);
};

/** Answers what the worker gets. Throws NOT_FOUND for a task that nobody needs any more. */
export async function startActivityForPoll(
  engine: HistoryEngine,
  shard: Shard,
  request: TaskStart,
  pollRequest: Uint8Array,
): Promise<Uint8Array> {
  const poll = PollActivityTaskQueueRequest.decode(pollRequest);
  if (request.scheduledEventId === 0) return recordActivityExecutionStarted(engine, shard, request, poll);
  const workflow = await shard.workflow(request.namespaceId, request.workflowId, request.runId);
  if (!workflow.isRunning) throw workflowCompleted();
  const activity = workflow.activities.get(request.scheduledEventId);
  if (activity === undefined) throw activityTaskNotFound();
  if (activity.startedEventId !== 0) {
    if (isTriedStart(request, activity.requestId)) {
      const start = { requestId: request.requestId, identity: poll.identity };
      const takenOver = await shard.update(workflow, () => takeOverStart(workflow, activity, start));
      return composeActivityTask(workflow, takenOver);
    }
    if (activity.requestId !== request.requestId) throw notFound('Activity task already started.');
    await shard.settled(workflow);
    return composeActivityTask(workflow, activity);
  }
  if (activity.paused) throw notFound(`Activity task with this stamp not found: ${request.stamp}`);
  if (activity.stamp !== request.stamp) {
    throw notFound(
      `Activity task rejected; stamp has changed. Id: ${activity.activityId},: type: ${activity.activityType}, current stamp: ${activity.stamp}`,
    );
  }
  const started = await shard.update(workflow, () =>
    startActivity(workflow, activity, { requestId: request.requestId, identity: poll.identity }),
  );
  engine.metrics.taskStarted(
    workflow.namespace.name,
    TaskQueueType.ACTIVITY,
    (started.startedTime ?? 0) - (started.scheduledTime ?? 0),
  );
  return composeActivityTask(workflow, started);
}

/** What the worker gets: the scheduled event's content and the attempt's own state. */
export function composeActivityTask(workflow: Workflow, activity: ActivityInfo): Uint8Array {
  return PollActivityTaskQueueResponse.encode({
    ...eagerActivityTask(workflow, activity),
    retryPolicy: activity.retryPolicy ?? {},
  });
}

/** An activity that its workflow's worker takes along: it comes without its retry policy. */
export function composeEagerActivityTask(workflow: Workflow, activity: ActivityInfo): Uint8Array {
  return PollActivityTaskQueueResponse.encode(eagerActivityTask(workflow, activity));
}

function eagerActivityTask(workflow: Workflow, activity: ActivityInfo): PollActivityTaskQueueResponseInit {
  return {
    taskToken: TaskToken.encode({
      namespaceId: workflow.namespaceId,
      workflowId: workflow.workflowId,
      runId: workflow.runId,
      scheduledEventId: activity.scheduledEventId,
      activityId: activity.activityId,
      activityType: activity.activityType,
      attempt: activity.attempt,
      version: activity.version,
    }),
    workflowNamespace: workflow.namespace.name,
    workflowType: { name: workflow.state.workflowType },
    workflowExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
    activityType: { name: activity.activityType },
    activityId: activity.activityId,
    header: activity.header,
    input: activity.input,
    heartbeatDetails: activity.lastHeartbeatDetails,
    scheduledTime: activity.firstScheduledTime,
    currentAttemptScheduledTime: activity.scheduledTime,
    startedTime: activity.startedTime,
    attempt: activity.attempt,
    scheduleToCloseTimeout: activity.scheduleToCloseTimeout,
    startToCloseTimeout: activity.startToCloseTimeout,
    heartbeatTimeout: activity.heartbeatTimeout,
    priority: mergePriority(workflow.state.priority, activity.priority),
  };
}
