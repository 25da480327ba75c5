// Admin: a run comes into being from its history, as another server exported it. The history arrives over several calls; the token
// carries what came so far, and the call without history commits the run. Source: service/history/ndc/history_importer.go, v1.31.

import { ImportToken } from '#proto/ostinato/token/v1';
import { EncodingType, EventType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import {
  ImportWorkflowExecutionRequest,
  ImportWorkflowExecutionResponse,
} from '#proto/temporal/server/api/adminservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { invalidArgument, unimplemented } from '../../proto/service-errors.ts';
import { WireError } from '../../proto/wire.ts';
import type { ApiHandler } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { addRetentionTask } from '../workflow/close.ts';
import { refreshTasks } from '../workflow/refresh-tasks.ts';
import { replayEvent } from '../workflow/replay.ts';
import { createRun } from '../workflow/start-run.ts';
import { RunState, VisibilityChange, type Workflow } from '../workflow/workflow.ts';
import { scheduleWorkflowTask } from '../workflow/workflow-task.ts';

export const importWorkflowExecution: ApiHandler = async (engine, shard, api) => {
  const request = ImportWorkflowExecutionRequest.decode(api.request);
  const { workflowId = '', runId = '' } = request.execution ?? {};
  if (request.historyBatches.length === 0 && request.token.length === 0) {
    throw invalidArgument('ImportWorkflowExecution cannot import empty history events');
  }
  const known = readToken(request.token);
  if (request.historyBatches.length !== 0) {
    const batches = [...known, ...request.historyBatches.map(readBatch)];
    checkSequence(batches);
    return ImportWorkflowExecutionResponse.encode({ token: ImportToken.encode({ historyBatches: batches }) });
  }
  await commit(shard, await engine.namespaces.resolveId(api.namespaceId), { workflowId, runId }, known);
  return ImportWorkflowExecutionResponse.encode({});
};

function readToken(token: Uint8Array): Uint8Array[] {
  try {
    return ImportToken.decode(token).historyBatches;
  } catch (error) {
    if (error instanceof WireError) throw invalidArgument('unable to deserialize token');
    throw error;
  }
}

function readBatch({ encodingType, data }: { readonly encodingType: number; readonly data: Uint8Array }): Uint8Array {
  if (encodingType !== EncodingType.PROTO3) throw invalidArgument('history batches must be proto3 encoded');
  return data;
}

/** The events begin with the start and leave nothing out. */
function checkSequence(batches: readonly Uint8Array[]): void {
  let next = 1;
  for (const batch of batches) {
    for (const { eventId, eventType } of readEvents(batch)) {
      if (next === 1 && eventType !== EventType.WORKFLOW_EXECUTION_STARTED) {
        throw internal('mutable state is brand new, but events are not imported from beginning');
      }
      if (eventId !== next) throw invalidArgument(`event ${next} is missing: the next imported one is ${eventId}`);
      next++;
    }
  }
}

function readEvents(batch: Uint8Array): History['events'] {
  try {
    return History.decode(batch).events;
  } catch (error) {
    if (error instanceof WireError) throw invalidArgument('a history batch holds no events');
    throw error;
  }
}

async function commit(
  shard: Shard,
  namespace: Workflow['namespace'],
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  batches: readonly Uint8Array[],
): Promise<void> {
  const existing = await shard.find(namespace.id, workflowId, runId);
  const lastBatch = readEvents(batches[batches.length - 1] ?? Buffer.alloc(0));
  const lastEventId = lastBatch[lastBatch.length - 1]?.eventId ?? 0;
  if (existing !== undefined) {
    if (existing.state.nextEventId === lastEventId + 1) return; // the same call again
    throw unimplemented('importing a second history of a run');
  }
  const current = await shard.currentRun(namespace.id, workflowId);
  const run = createRun(shard, { namespace, workflowId, runId, requestId: shard.newId() }, shard.newId());
  const isOpen = !CLOSES_RUN.has(lastBatch[lastBatch.length - 1]?.eventType ?? 0);
  const currentIsOpen = current !== undefined && current.state !== RunState.COMPLETED;
  // An open run takes the place of a closed one; else the run that is known stays the current one.
  const becomesCurrent = current === undefined || (isOpen && !currentIsOpen);
  shard.create(run, () => replay(run, batches, becomesCurrent), becomesCurrent ? (current?.runId ?? '') : undefined);
  await shard.barrier();
}

const CLOSES_RUN: ReadonlySet<number> = new Set([
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  EventType.WORKFLOW_EXECUTION_CANCELED,
]);

/** Inside the decision that creates the run. */
function replay(run: Workflow, batches: readonly Uint8Array[], isCurrent: boolean): void {
  const { treeId, branchId } = run.branch;
  run.addBranch({ treeId, branchId, data: run.branchToken });
  for (const batch of batches) {
    const events = readEvents(batch);
    if (events.length === 0) continue;
    for (const event of events) replayEvent(run, event, run.state.createRequestId);
    run.appendBatch(events);
  }
  if (!run.isRunning) {
    addRetentionTask(run);
    run.markVisibility(VisibilityChange.CLOSE);
    return;
  }
  if (!isCurrent) {
    // Two open runs of one workflow: this one must not act (I4).
    run.state.state = RunState.ZOMBIE;
    return;
  }
  refreshTasks(run);
  if (!run.hasPendingWorkflowTask && run.state.workflowTaskAttempt > 1) scheduleWorkflowTask(run);
}

const internal = (message: string): ServiceError => new ServiceError(GrpcCode.INTERNAL, message);
