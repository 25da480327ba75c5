// A run has closed: its parent hears of it, and its children meet their parent-close policy.

import {
  RecordChildWorkflowCompletedRequest,
  RequestCancelExternalRequest,
  TerminateChildRequest,
} from '#proto/ostinato/history/v1';
import type { ChildExecutionInfo } from '#proto/ostinato/persistence/v1';
import { ParentClosePolicy } from '#proto/temporal/api/enums/v1';
import { History, HistoryEvent } from '#proto/temporal/api/history/v1';
import {
  RequestCancelWorkflowExecutionRequest,
  TerminateWorkflowExecutionRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { invariant } from '../../../base/invariant.ts';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';
import type { HistoryEngine } from '../../engine.ts';
import { readEvents } from '../../history-reader.ts';
import type { Shard } from '../../shard/shard.ts';
import { HISTORY_SERVICE } from '../../workflow/close.ts';
import type { Workflow } from '../../workflow/workflow.ts';
import { callShard } from '../call-shard.ts';
import { findForTask } from '../find-for-task.ts';
import type { ShardTaskExecutor } from '../task-executor.ts';

export const closeExecution: ShardTaskExecutor = async (engine, shard, task) => {
  const workflow = await findForTask(shard, task);
  if (workflow === undefined || workflow.isRunning) return undefined;
  const { state } = workflow;
  // A run that a reset ended goes on in another: its parent waits for that one.
  const tellsParent = state.parentWorkflowId !== '' && state.newRunId === '' && !state.wasReset;
  if (tellsParent) await tellParent(engine, shard, workflow);
  // The run that a reset began takes the children along.
  if (state.wasReset && state.resetRunId !== '') return undefined;
  for (const child of [...workflow.children.values()]) await applyParentClosePolicy(engine, workflow, child);
  return undefined;
};

async function tellParent(engine: HistoryEngine, shard: Shard, workflow: Workflow): Promise<void> {
  const { state } = workflow;
  await ignoreNotFound(
    callShard(
      engine,
      state.parentNamespaceId,
      state.parentWorkflowId,
      'RecordChildWorkflowCompleted',
      RecordChildWorkflowCompletedRequest.encode({
        parentNamespaceId: state.parentNamespaceId,
        parentExecution: { workflowId: state.parentWorkflowId, runId: state.parentRunId },
        parentInitiatedId: state.parentInitiatedId,
        childExecution: { workflowId: workflow.workflowId, runId: workflow.runId },
        childFirstRunId: state.firstExecutionRunId,
        completionEvent: HistoryEvent.encode(await closeEvent(shard, workflow)),
        childNamespace: workflow.namespace.name,
        childNamespaceId: workflow.namespaceId,
        childWorkflowType: state.workflowType,
      }),
    ),
  );
}

export async function closeEvent(shard: Shard, workflow: Workflow): Promise<HistoryEvent> {
  const { completionEventId, lastFirstEventId } = workflow.state;
  // The store is asked for whole batches: the event is somewhere in the run's last one.
  const fromEventId = Math.min(lastFirstEventId || completionEventId, completionEventId);
  const page = await readEvents(shard.store, {
    shardId: shard.shardId,
    branch: workflow.branch,
    tail: workflow.tail,
    fromEventId,
    endEventId: completionEventId + 1,
    maxEvents: completionEventId - fromEventId + 1,
  });
  const event = page.batches
    .flatMap((batch) => History.decode(batch).events)
    .find(({ eventId }) => eventId === completionEventId);
  invariant(event !== undefined, `run ${workflow.runId} has no close event`);
  return event;
}

export async function applyParentClosePolicy(
  engine: HistoryEngine,
  workflow: Workflow,
  child: ChildExecutionInfo,
): Promise<void> {
  const parent = { workflowId: workflow.workflowId, runId: workflow.runId };
  const target = { workflowId: child.startedWorkflowId, runId: '' };
  // The first run's id lets the call follow a child that continued as new.
  const firstExecutionRunId = child.startedRunId;
  switch (child.parentClosePolicy) {
    case ParentClosePolicy.TERMINATE:
      await ignoreNotFound(
        callShard(
          engine,
          child.namespaceId,
          child.startedWorkflowId,
          'TerminateChild',
          TerminateChildRequest.encode({
            namespaceId: child.namespaceId,
            request: TerminateWorkflowExecutionRequest.encode({
              namespace: child.namespace,
              workflowExecution: target,
              firstExecutionRunId,
              reason: 'by parent close policy',
              identity: HISTORY_SERVICE,
            }),
            externalExecution: parent,
            childWorkflowOnly: true,
          }),
        ),
      );
      return;
    case ParentClosePolicy.REQUEST_CANCEL:
      await ignoreNotFound(
        callShard(
          engine,
          child.namespaceId,
          child.startedWorkflowId,
          'RequestCancelExternal',
          RequestCancelExternalRequest.encode({
            namespaceId: child.namespaceId,
            request: RequestCancelWorkflowExecutionRequest.encode({
              namespace: child.namespace,
              workflowExecution: target,
              firstExecutionRunId,
              identity: HISTORY_SERVICE,
            }),
            externalExecution: parent,
            childWorkflowOnly: true,
          }),
        ),
      );
      return;
    default:
      return;
  }
}

/** Parent or child is gone: there is nothing left to tell it. */
async function ignoreNotFound(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== GrpcCode.NOT_FOUND) throw error;
  }
}
