// Where a reset cuts a history, and what the rebuilt run must be like there. Called by ResetWorkflowExecution with what it
// loaded; history thread.

import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import type { PostResetOperation } from '#proto/temporal/api/workflow/v1';
import { invalidArgument } from '../../proto/service-errors.ts';

/** The started event: it cannot be cut off. */
const FIRST_EVENT_ID = 1;

/** Who the events that a reset writes are from. Source: service/history/consts/const.go, v1.31.2. */
export const IDENTITY_HISTORY_SERVICE = 'history-service';
/** Who terminated the run that the reset replaces. */
export const IDENTITY_RESETTER = 'history-resetter';

/** The last event that the new run keeps. Throws INVALID_ARGUMENT. */
export function resolveResetPoint(workflowTaskFinishEventId: number, baseNextEventId: number): number {
  if (workflowTaskFinishEventId <= FIRST_EVENT_ID || workflowTaskFinishEventId >= baseNextEventId) {
    throw invalidArgument('Workflow task finish ID must be > 1 && <= workflow last event ID.');
  }
  return workflowTaskFinishEventId - 1;
}

export function validatePostResetOperations(operations: readonly PostResetOperation[]): void {
  for (const operation of operations) {
    if (operation.updateWorkflowOptions !== undefined) continue;
    const kind = operation.signalWorkflow === undefined ? '<nil>' : '*workflow.PostResetOperation_SignalWorkflow_';
    throw invalidArgument(`unsupported post reset operation: ${kind}`);
  }
}

/** A run is rebuilt from whole batches: `events` are those that begin at or before the last event to keep. Throws INVALID_ARGUMENT. */
export function checkBatchBoundary(events: readonly HistoryEvent[], lastKeptEventId: number): void {
  if (events[events.length - 1]?.eventId === lastKeptEventId) return;
  const version = events.find(({ eventId }) => eventId === lastKeptEventId)?.version ?? 0;
  throw invalidArgument(
    `StateRebuilder unable to Rebuild mutable state to event ID: ${lastKeptEventId}, version: ${version}, this event must be at the boundary`,
  );
}

/** The run as rebuilt from the events that it keeps. */
export interface RebuiltRun {
  /** Scheduled or started. The reset fails this task; a cut that leaves none is no reset point. */
  readonly hasPendingWorkflowTask: boolean;
  readonly pendingChildExecutionCount: number;
}

/** `allowPendingChildren` is history.allowResetWithPendingChildren. Throws INVALID_ARGUMENT. */
export function checkRebuiltRun(run: RebuiltRun, lastKeptEventId: number, allowPendingChildren: boolean): void {
  if (!allowPendingChildren && run.pendingChildExecutionCount > 0) {
    throw invalidArgument('WorkflowResetter encountered pending child workflows.');
  }
  if (!run.hasPendingWorkflowTask) {
    throw invalidArgument(
      `Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: ${lastKeptEventId + 1}`,
    );
  }
}

/** The request id of the client's start, which the new run answers to as well. */
export function startRequestId(
  requestIds: ReadonlyMap<string, { readonly eventType: number }>,
  startedEventType: number,
  createRequestId: string,
): string {
  for (const [requestId, { eventType }] of requestIds) if (eventType === startedEventType) return requestId;
  return createRequestId;
}
