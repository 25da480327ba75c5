// Asks history to record the start of a matched task and to compose the poll's answer, whose bytes go to the poller as they
// are. Which partition the pair belongs to decides what happens to it afterwards. Matching thread.

import {
  PrepareQueryTaskRequest,
  RecordActivityTaskStartedRequest,
  RecordWorkflowTaskStartedRequest,
} from '#proto/ostinato/history/v1';
import { QueryTaskToken } from '#proto/ostinato/token/v1';
import { type PartitionIdentity, partitionName, TASK_QUEUE_TYPE_WORKFLOW } from '../runtime/task-queue-partition.ts';
import type { MatchingEnvironment } from './environment.ts';
import { RECORD_STARTED_BACKLOG_TIMEOUT_MS, RECORD_STARTED_SYNC_TIMEOUT_MS } from './limits.ts';
import type { Poll } from './poll.ts';
import type { QueryTask, Task } from './task.ts';

/** The partition of a matched pair. */
export interface StartOwner {
  readonly identity: PartitionIdentity;
  readonly sticky: boolean;
  started(task: Task, poll: Poll, response: Uint8Array): void;
  startFailed(task: Task, poll: Poll, error: unknown): void;
  queryPrepared(query: QueryTask, poll: Poll, response: Uint8Array): void;
  queryFailed(query: QueryTask, poll: Poll, error: unknown): void;
}

export function startTask(environment: MatchingEnvironment, owner: StartOwner, task: Task, poll: Poll): void {
  if (task.requestId === '') task.requestId = environment.newId();
  task.attempts++;
  const fields = {
    namespaceId: owner.identity.namespaceId,
    workflowId: task.workflowId,
    runId: task.runId,
    scheduledEventId: task.scheduledEventId,
    requestId: task.requestId,
    triedRequestId: task.triedRequestId,
    pollRequest: poll.request,
    stamp: task.stamp,
    rangeId: task.rangeId,
  };
  const timeoutMs = task.backlog === undefined ? RECORD_STARTED_SYNC_TIMEOUT_MS : RECORD_STARTED_BACKLOG_TIMEOUT_MS;
  const options = { deadlineMs: environment.clock.nowMs() + timeoutMs };
  const answer =
    owner.identity.taskQueueType === TASK_QUEUE_TYPE_WORKFLOW
      ? environment.router.callHistory(
          task.shardId,
          'RecordWorkflowTaskStarted',
          RecordWorkflowTaskStartedRequest.encode(fields),
          options,
        )
      : environment.router.callHistory(
          task.shardId,
          'RecordActivityTaskStarted',
          RecordActivityTaskStartedRequest.encode(fields),
          options,
        );
  answer.then(
    (response) => owner.started(task, poll, response),
    (error: unknown) => owner.startFailed(task, poll, error),
  );
}

/** A query goes to its worker without a start: history only composes what the worker needs to answer it. */
export function startQuery(environment: MatchingEnvironment, owner: StartOwner, query: QueryTask, poll: Poll): void {
  const { namespaceId, taskQueue, partitionId } = owner.identity;
  const request = PrepareQueryTaskRequest.encode({
    namespaceId,
    workflowId: query.workflowId,
    runId: query.runId,
    pollRequest: poll.request,
    query: query.query,
    // The worker's answer comes back to the partition that this names.
    queryTaskToken: QueryTaskToken.encode({
      namespaceId,
      taskQueue: partitionName(taskQueue, partitionId),
      taskId: query.queryId,
    }),
    sticky: owner.sticky,
  });
  const deadlineMs = environment.clock.nowMs() + RECORD_STARTED_BACKLOG_TIMEOUT_MS;
  environment.router.callHistory(query.shardId, 'PrepareQueryTask', request, { deadlineMs }).then(
    (response) => owner.queryPrepared(query, poll, response),
    (error: unknown) => owner.queryFailed(query, poll, error),
  );
}
