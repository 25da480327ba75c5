// A child workflow has closed: its parent records it, the run that a reset began in the parent's place included.

import { Empty, RecordChildWorkflowCompletedRequest } from '#proto/ostinato/history/v1';
import { HistoryEvent } from '#proto/temporal/api/history/v1';
import { notFound } from '../../proto/service-errors.ts';
import type { ShardHandler } from '../engine.ts';
import { workflowCompleted } from '../errors.ts';
import { recordChildClosed, recordChildStarted } from '../workflow/child.ts';
import { ensureWorkflowTask } from '../workflow/workflow-task.ts';

/** Resets of the parent that a completion follows (Temporal: maxResetRedirectCount). */
const MAX_RESET_HOPS = 100;

export const recordChildWorkflowCompleted: ShardHandler = async (_engine, shard, bytes) => {
  const request = RecordChildWorkflowCompletedRequest.decode(bytes);
  const { parentExecution, childExecution } = request;
  let runId = parentExecution?.runId ?? '';
  let workflow = await shard.workflow(request.parentNamespaceId, parentExecution?.workflowId ?? '', runId);
  for (let hops = 0; !workflow.isRunning && workflow.state.resetRunId !== ''; hops++) {
    if (hops === MAX_RESET_HOPS) throw notFound('The chain of resets is too long to iterate.');
    runId = workflow.state.resetRunId;
    workflow = await shard.workflow(request.parentNamespaceId, parentExecution?.workflowId ?? '', runId);
  }
  if (!workflow.isRunning) throw workflowCompleted();
  const pending = workflow.children.get(request.parentInitiatedId);
  if (pending === undefined || pending.startedWorkflowId !== childExecution?.workflowId) {
    throw notFound('Pending child execution not found.');
  }
  await shard.update(workflow, () => {
    if (pending.startedEventId === 0) recordChildStarted(workflow, pending, request.childFirstRunId);
    const child = workflow.children.get(request.parentInitiatedId) ?? pending;
    recordChildClosed(workflow, child, {
      event: HistoryEvent.decode(request.completionEvent),
      workflowExecution: childExecution,
    });
    ensureWorkflowTask(workflow);
  });
  return Empty.encode({});
};
