// The answer a worker gets for its poll: task token, history from the workflow's tail or the store as encoded bytes, queries and
// update messages. Everything that depends on the workflow's state is taken within the turn; history may be read afterwards.

import { HistoryPageToken, TaskToken } from '#proto/ostinato/token/v1';
import { TaskQueueKind } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import { PollWorkflowTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { type MaybePromise, whenReady } from '../../base/maybe-promise.ts';
import { notFound } from '../../proto/service-errors.ts';
import { historyPageSize, readEvents } from '../history-reader.ts';
import type { Shard } from '../shard/shard.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { isSpeculative, unwrittenTaskEvents } from '../workflow/workflow-task.ts';

export interface ComposeOptions {
  /** The worker just completed the task before this one: it has the run in its cache. */
  readonly forceSticky?: boolean;
  /** A heartbeat's next task delivers only updates that came meanwhile. */
  readonly isHeartbeat?: boolean;
}

/** Whether its answer can be composed without the store. */
export function hasEventsAtHand(workflow: Workflow): boolean {
  return firstEventIdFor(workflow, workflow.isStickyEnabled) >= workflow.tailFirstEventId;
}

/** A worker of the sticky queue has the events before in its cache. */
function firstEventIdFor(workflow: Workflow, sticky: boolean): number {
  return sticky ? workflow.state.lastCompletedWorkflowTaskStartedEventId + 1 : 1;
}

/** Call within the turn that started the task. An encoded PollWorkflowTaskQueueResponse, at once if memory has its events. */
export function composeWorkflowTask(
  shard: Shard,
  workflow: Workflow,
  options: ComposeOptions = {},
): MaybePromise<Uint8Array> {
  const state = workflow.state;
  const previousStartedEventId = state.lastCompletedWorkflowTaskStartedEventId;
  const fromEventId = firstEventIdFor(workflow, options.forceSticky === true || workflow.isStickyEnabled);
  const unwritten = unwrittenTaskEvents(workflow, state.workflowTaskWorkerIdentity);
  const nextEventId = state.nextEventId;
  const branch = workflow.branch;
  const tail = [...workflow.tail];
  const messages =
    workflow.updateRegistry?.send({
      includeAlreadySent: options.isHeartbeat !== true,
      startedEventId: state.workflowTaskStartedEventId,
    }) ?? [];
  if (isSpeculative(workflow) && messages.length === 0) throw notFound('No messages for speculative workflow task.');
  const head = PollWorkflowTaskQueueResponse.encode({
    taskToken: TaskToken.encode({
      namespaceId: workflow.namespaceId,
      workflowId: workflow.workflowId,
      runId: workflow.runId,
      scheduledEventId: state.workflowTaskScheduledEventId,
      startedEventId: state.workflowTaskStartedEventId,
      startedTime: state.workflowTaskStartedTime,
      attempt: state.workflowTaskAttempt,
      version: state.workflowTaskVersion,
    }),
    workflowExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
    workflowType: { name: state.workflowType },
    previousStartedEventId,
    startedEventId: state.workflowTaskStartedEventId,
    attempt: state.workflowTaskAttempt,
    workflowExecutionTaskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
    scheduledTime: state.workflowTaskScheduledTime,
    startedTime: state.workflowTaskStartedTime,
    // Composed again for a start whose answer got lost, it may not carry what was asked after events that came meanwhile.
    queries: workflow.events.hasBuffered ? new Map() : workflow.queries.bufferedQueries(),
    messages,
  });
  const reading = readEvents(shard.store, {
    shardId: shard.shardId,
    branch,
    tail,
    fromEventId,
    endEventId: nextEventId,
    maxEvents: historyPageSize(workflow),
    countsBatches: true,
    endsWithEmptyPage: true,
  });
  return whenReady(reading, (page) => {
    const parts = [...page.batches];
    let nextPageToken: Uint8Array | undefined;
    if (page.nextEventId === 0) {
      if (unwritten.length !== 0) parts.push(History.encode({ events: unwritten }));
    } else {
      nextPageToken = HistoryPageToken.encode({
        runId: workflow.runId,
        firstEventId: fromEventId,
        nextEventId,
        position: page.nextEventId,
        isWorkflowRunning: true,
        branchToken: workflow.branchToken,
        transientWorkflowTask: unwritten.length === 0 ? undefined : History.encode({ events: unwritten }),
      });
    }
    // Two encodings of one message, joined, are the message with the fields of both.
    return Buffer.concat([
      head,
      PollWorkflowTaskQueueResponse.encode({ history: Buffer.concat(parts), nextPageToken }),
    ]);
  });
}
