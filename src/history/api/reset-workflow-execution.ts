// Resets a workflow: a new run repeats the history of a base run up to a workflow task, takes along what must not be lost of
// what came after, and replaces the current run. All of it is one write. Order of events as Temporal's workflow resetter (v1.31).

import { HistoryBranch, UpdateInfo, type VersionHistories } from '#proto/ostinato/persistence/v1';
import { EventType, WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { HistoryEvent } from '#proto/temporal/api/history/v1';
import { Request } from '#proto/temporal/api/update/v1';
import { ResetWorkflowExecutionRequest, ResetWorkflowExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import { branchSegments } from '../history-reader.ts';
import { ALLOW_RESET_WITH_PENDING_CHILDREN } from '../limits.ts';
import { type ReadHistory, readAllEvents } from '../read-all-events.ts';
import {
  checkBatchBoundary,
  checkRebuiltRun,
  continuedAsRunId,
  IDENTITY_HISTORY_SERVICE,
  IDENTITY_RESETTER,
  isKnownAttachment,
  planActivityAtReset,
  planReapply,
  type Reapplied,
  reapplyExclusions,
  resetFailure,
  resolveResetPoint,
  startRequestId,
  takesChildEvent,
  validatePostResetOperations,
} from '../reset/index.ts';
import type { Shard } from '../shard/shard.ts';
import { failActivity } from '../workflow/activity.ts';
import { terminateRun } from '../workflow/close.ts';
import { refreshTasks } from '../workflow/refresh-tasks.ts';
import { replayEvent } from '../workflow/replay.ts';
import { createRun } from '../workflow/start-run.ts';
import { IMMEDIATE, StoredUpdateStage } from '../workflow/update/index.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { failWorkflowTask, isTransient, scheduleWorkflowTask, startWorkflowTask } from '../workflow/workflow-task.ts';
import { addSignal } from './signal-workflow-execution.ts';

/** Of a workflow task that no poll started (workflow/mutable_state_impl.go emptyUUID, v1.31.2). */
const NO_REQUEST_ID = 'emptyUuid';
const NO_UPDATE = UpdateInfo.decode(Buffer.alloc(0));

export const resetWorkflowExecution: ApiHandler = async (engine, shard, api, call) => {
  const request = ResetWorkflowExecutionRequest.decode(api.request);
  const target = request.workflowExecution;
  const base = await shard.workflow(api.namespaceId, target?.workflowId ?? '', target?.runId ?? '');
  const answer = await shard.holding(base, () => reset(engine, shard, base, request));
  // Signalled, completed or reset meanwhile: what came in must not be lost. Reads anew, of what memory then has.
  return answer ?? resetWorkflowExecution(engine, shard, api, call);
};

/** Undefined if what it read is not how things stand any more. */
async function reset(
  engine: HistoryEngine,
  shard: Shard,
  base: Workflow,
  request: ResetWorkflowExecutionRequest,
): Promise<Uint8Array | undefined> {
  const { namespaceId, workflowId } = base;
  await shard.settled(base);
  const lastKeptEventId = resolveResetPoint(request.workflowTaskFinishEventId, base.state.nextEventId);
  validatePostResetOperations(request.postResetOperations);
  const current = await shard.workflow(namespaceId, workflowId, '');
  if (current.state.createRequestId === request.requestId && request.requestId !== '') {
    await shard.settled(current);
    return ResetWorkflowExecutionResponse.encode({ runId: current.runId });
  }
  // Differs: Temporal looks at the current run only, and resets once more when others followed the one that this request made.
  const { resetRunId } = base.state;
  const made = resetRunId === '' ? undefined : await shard.find(namespaceId, workflowId, resetRunId);
  if (made !== undefined && made.state.createRequestId === request.requestId && request.requestId !== '') {
    await shard.settled(made);
    return ResetWorkflowExecutionResponse.encode({ runId: made.runId });
  }
  const exclusions = reapplyExclusions(request.resetReapplyExcludeTypes, request.resetReapplyType);
  const read = await shard.holding(current, () => readPast(shard, base, lastKeptEventId, !exclusions.everything));
  if (!isUnchanged(shard, [...read.seen, { run: current, nextEventId: current.state.nextEventId }], current.runId))
    return undefined;
  const { kept, later } = read;
  const buffered = current.events.bufferedEvents();

  const runId = shard.newId();
  const requestId = startRequestId(
    base.state.requestIds,
    EventType.WORKFLOW_EXECUTION_STARTED,
    base.state.createRequestId,
  );
  const branch = forkBranch(base, lastKeptEventId + 1, shard.newId());
  const run = createRun(
    shard,
    { namespace: base.namespace, workflowId, runId, requestId: request.requestId || requestId },
    branch.branchId,
  );

  const wasRunning = current.isRunning;
  // Events that the terminated run still had in its buffer came after everything that is in its history.
  const plan = planReapply(wasRunning && !exclusions.everything ? [...later, ...buffered] : later, exclusions);
  shard.create(
    run,
    () => {
      run.beginOnBranch(branch, versionItems(base, lastKeptEventId), kept.sizeBytes);
      for (const event of kept.events) replayEvent(run, event, requestId, run.nowMs);
      // The rebuilt state counts as one.
      run.state.stateTransitionCount++;
      if (!run.hasPendingWorkflowTask && isTransient(run)) {
        // Cut behind a task that failed: its next attempt counts as pending, and is written as it begins anew.
        run.state.workflowTaskAttempt = 1;
        scheduleWorkflowTask(run, { bypassTask: true });
      }
      const allowChildren = engine.config.get(ALLOW_RESET_WITH_PENDING_CHILDREN, { namespace: base.namespace.name });
      checkRebuiltRun(
        { hasPendingWorkflowTask: run.hasPendingWorkflowTask, pendingChildExecutionCount: run.children.size },
        lastKeptEventId,
        allowChildren,
      );
      failResetTask(run, base, runId, request.reason);
      failStartedActivities(run, request.reason);
      for (const item of plan) reapply(run, item);
      refreshTasks(run);
      scheduleWorkflowTask(run);
    },
    current.runId,
  );
  // The new run stands; now the others, in the same write.
  const endsBase = wasRunning && base === current;
  if (!endsBase) {
    shard.decide(base, () => {
      base.state.resetRunId = runId;
    });
  }
  if (wasRunning) {
    shard.decide(current, () => {
      if (endsBase) base.state.resetRunId = runId;
      current.state.wasReset = true;
      terminateRun(current, { reason: request.reason, identity: IDENTITY_RESETTER });
    });
    current.updateRegistry?.workflowClosed(false, IMMEDIATE);
  }
  await shard.barrier();
  return ResetWorkflowExecutionResponse.encode({ runId });
}

/** A run as far as its events were read. */
interface Seen {
  readonly run: Workflow;
  readonly nextEventId: number;
}

interface Past {
  readonly kept: ReadHistory;
  /** What came after the reset point: the rest of the base run, then the runs it continued as. */
  readonly later: readonly HistoryEvent[];
  readonly seen: readonly Seen[];
}

async function readPast(shard: Shard, base: Workflow, lastKeptEventId: number, withLater: boolean): Promise<Past> {
  const { nextEventId } = base.state;
  const kept = await readAllEvents(shard, base, 1, lastKeptEventId + 1, true);
  checkBatchBoundary(kept.events, lastKeptEventId);
  const seen: Seen[] = [{ run: base, nextEventId }];
  if (!withLater) return { kept, later: [], seen };
  const later = [...(await readAllEvents(shard, base, lastKeptEventId + 1, nextEventId)).events];
  let nextRunId = continuedAsRunId(later[later.length - 1]);
  while (nextRunId !== '') {
    const run = await shard.workflow(base.namespaceId, base.workflowId, nextRunId);
    await shard.settled(run);
    const next: Seen = { run, nextEventId: run.state.nextEventId };
    seen.push(next);
    const { events } = await readAllEvents(shard, run, 1, next.nextEventId);
    later.push(...events);
    nextRunId = continuedAsRunId(events[events.length - 1]);
  }
  return { kept, later, seen };
}

/** Whether nothing was decided while the past was read. Whoever asks decides in the same turn. */
function isUnchanged(shard: Shard, seen: readonly Seen[], currentRunId: string): boolean {
  const { run: base } = seen[0]!;
  const current = shard.knownCurrent(base.namespaceId, base.workflowId);
  // A run that has ended and left memory is as it was; of the base run, there is something to decide yet.
  const isAsSeen = ({ run, nextEventId }: Seen): boolean =>
    run.discarded ? run !== base && !run.isRunning : run.state.nextEventId === nextEventId;
  return current?.runId === currentRunId && seen.every(isAsSeen);
}

/** The new run's branch: its past is the base branch up to the fork. */
function forkBranch(base: Workflow, forkEventId: number, branchId: string): HistoryBranch {
  const baseBranch = base.branch;
  const ancestors: HistoryBranch['ancestors'] = [];
  for (const segment of branchSegments(baseBranch)) {
    if (segment.minNodeId >= forkEventId) break;
    ancestors.push({
      branchId: segment.branchId,
      beginNodeId: segment.minNodeId,
      endNodeId: Math.min(segment.endNodeId, forkEventId),
    });
  }
  return HistoryBranch.decode(HistoryBranch.encode({ treeId: baseBranch.treeId, branchId, ancestors }));
}

function versionItems(base: Workflow, lastEventId: number): VersionHistories['histories'][number]['items'] {
  const histories = base.state.versionHistories;
  const items: VersionHistories['histories'][number]['items'] = [];
  for (const item of histories?.histories[histories.currentIndex]?.items ?? []) {
    if (item.eventId >= lastEventId) {
      items.push({ eventId: lastEventId, version: item.version });
      break;
    }
    items.push(item);
  }
  return items;
}

function failResetTask(run: Workflow, base: Workflow, newRunId: string, reason: string): void {
  if (run.state.workflowTaskStartedEventId === 0) {
    startWorkflowTask(run, { requestId: NO_REQUEST_ID, identity: IDENTITY_HISTORY_SERVICE });
  }
  failWorkflowTask(run, {
    cause: WorkflowTaskFailedCause.RESET_WORKFLOW,
    failure: resetFailure(reason),
    identity: IDENTITY_HISTORY_SERVICE,
    baseRunId: base.runId,
    newRunId,
    forkEventVersion: run.version,
  });
}

function failStartedActivities(run: Workflow, reason: string): void {
  for (const activity of [...run.activities.values()]) {
    const plan = planActivityAtReset(activity, reason);
    if (plan.kind === 'reschedule') {
      const startTime = run.state.startTime;
      run.activities.put(activity.scheduledEventId, {
        ...activity,
        scheduledTime: startTime,
        firstScheduledTime: startTime,
      });
    } else {
      failActivity(run, activity, {
        failure: plan.failure,
        identity: activity.startedIdentity,
        retryState: plan.retryState,
      });
    }
  }
}

function reapply(run: Workflow, item: Reapplied): void {
  switch (item.kind) {
    case 'signal': {
      const { signalName, input, identity, header } = item.attributes;
      addSignal(run, { signalName, input, identity, header, links: item.links, requestId: '' });
      return;
    }
    case 'update': {
      const { eventId } = run.events.add(EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED, {
        workflowExecutionUpdateAdmittedEventAttributes: { request: item.request, origin: item.origin },
      });
      run.updates.put(item.request.meta?.updateId ?? '', {
        ...NO_UPDATE,
        stage: StoredUpdateStage.ADMITTED,
        eventId,
        request: Request.encode(item.request),
      });
      return;
    }
    case 'options': {
      const { attributes } = item;
      if (isKnownAttachment(attributes, (requestId) => run.state.requestIds.has(requestId))) return;
      const { eventId } = run.events.add(EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED, {
        workflowExecutionOptionsUpdatedEventAttributes: attributes,
        links: item.event.links,
        workerMayIgnore: true,
      });
      replayEvent(run, { ...item.event, eventId, eventTime: run.nowMs }, '');
      run.state.nextEventId = eventId + 1;
      return;
    }
    case 'child': {
      if (!takesChildEvent(item.event, run.children.get(item.initiatedEventId))) return;
      const { eventId } = run.events.add(item.event.eventType, withStartedId(run, item));
      replayEvent(run, { ...item.event, eventId, eventTime: run.nowMs }, '');
      run.state.nextEventId = eventId + 1;
    }
  }
}

/** The child's event as the new run numbers it: its start may have another id here. */
function withStartedId(
  run: Workflow,
  item: Extract<Reapplied, { kind: 'child' }>,
): Omit<HistoryEvent, 'eventId' | 'taskId' | 'eventTime'> {
  const { eventId: _id, taskId: _task, eventTime: _time, ...event } = item.event;
  const startedEventId = run.children.get(item.initiatedEventId)?.startedEventId ?? 0;
  const renumbered = <T extends { startedEventId: number } | undefined>(attributes: T): T =>
    attributes === undefined ? attributes : { ...attributes, startedEventId };
  return {
    ...event,
    childWorkflowExecutionCompletedEventAttributes: renumbered(event.childWorkflowExecutionCompletedEventAttributes),
    childWorkflowExecutionFailedEventAttributes: renumbered(event.childWorkflowExecutionFailedEventAttributes),
    childWorkflowExecutionCanceledEventAttributes: renumbered(event.childWorkflowExecutionCanceledEventAttributes),
    childWorkflowExecutionTimedOutEventAttributes: renumbered(event.childWorkflowExecutionTimedOutEventAttributes),
    childWorkflowExecutionTerminatedEventAttributes: renumbered(event.childWorkflowExecutionTerminatedEventAttributes),
  };
}
