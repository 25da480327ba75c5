// Admin: a run's state is built anew from its history, for an operator who finds it damaged, and its tasks are queued anew.

import { WorkflowState } from '#proto/ostinato/persistence/v1';
import { WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import { RebuildMutableStateRequest, RebuildMutableStateResponse } from '#proto/temporal/server/api/adminservice/v1';
import type { ApiHandler } from '../engine.ts';
import { readAllEvents } from '../read-all-events.ts';
import { addRetentionTask } from '../workflow/close.ts';
import { refreshTasks } from '../workflow/refresh-tasks.ts';
import { replayEvent } from '../workflow/replay.ts';
import { RunState, VisibilityChange, type Workflow } from '../workflow/workflow.ts';
import { scheduleWorkflowTask } from '../workflow/workflow-task.ts';

export const rebuildMutableState: ApiHandler = async (_engine, shard, api) => {
  const { execution } = RebuildMutableStateRequest.decode(api.request);
  const workflow = await shard.workflow(api.namespaceId, execution?.workflowId ?? '', execution?.runId ?? '');
  await shard.settled(workflow);
  const { nextEventId } = workflow.state;
  const { events } = await readAllEvents(shard, workflow, 1, nextEventId);
  // What happened meanwhile is in no event that was read: an operator may try again.
  if (workflow.state.nextEventId === nextEventId) {
    await shard.update(workflow, () => rebuild(workflow, events));
    // Updates and queries in memory belong to the state that is gone.
    workflow.updateRegistry?.clear();
    shard.forget(workflow);
  }
  return RebuildMutableStateResponse.encode({});
};

/** Inside a decision. Events in the buffer have no place in history yet: they stay. */
function rebuild(workflow: Workflow, events: readonly HistoryEvent[]): void {
  const before = workflow.state;
  for (const table of [
    workflow.activities,
    workflow.timers,
    workflow.children,
    workflow.requestCancels,
    workflow.signals,
    workflow.signalRequestedIds,
    workflow.updates,
  ]) {
    table.clear();
  }
  workflow.state = { ...WorkflowState.decode(Buffer.alloc(0)), ...unrecorded(before) };
  for (const event of events) replayEvent(workflow, event, before.createRequestId);
  Object.assign(workflow.state, changedWithoutReplay(before));
  if (!workflow.isRunning) {
    addRetentionTask(workflow);
    workflow.markVisibility(VisibilityChange.CLOSE);
    return;
  }
  refreshTasks(workflow);
  // An attempt after the first leaves no event until it completes.
  if (!workflow.hasPendingWorkflowTask && workflow.state.workflowTaskAttempt > 1) scheduleWorkflowTask(workflow);
}

/** Changed by calls whose events are not replayed in full. */
function changedWithoutReplay(state: WorkflowState): Partial<WorkflowState> {
  return {
    callbacks: state.callbacks,
    requestIds: state.requestIds,
    priority: state.priority,
    versioningOverride: state.versioningOverride,
    versioningInfo: state.versioningInfo,
    workerDeploymentName: state.workerDeploymentName,
    buildIds: state.buildIds,
  };
}

/** What no event tells. */
function unrecorded(state: WorkflowState): Partial<WorkflowState> {
  return {
    namespaceId: state.namespaceId,
    workflowId: state.workflowId,
    runId: state.runId,
    // As before the first event; the events say more.
    state: RunState.CREATED,
    status: WorkflowExecutionStatus.RUNNING,
    createRequestId: state.createRequestId,
    versionHistories: state.versionHistories,
    lastFirstEventId: state.lastFirstEventId,
    lastFirstEventTxnId: state.lastFirstEventTxnId,
    historySizeBytes: state.historySizeBytes,
    // The decision counts itself; a rebuilt run has changed as often as before.
    stateTransitionCount: state.stateTransitionCount - 1,
    lastUpdateTimeMs: state.lastUpdateTimeMs,
    wasReset: state.wasReset,
    resetRunId: state.resetRunId,
    newRunId: state.newRunId,
  };
}
