// Starts a workflow: for a client (start, signal-with-start, update-with-start) and for a parent. One decision writes the new
// run, the end of a run that it replaces, and the current-run row, so that at most one run is open at any time (I4).

import type { ParentInfo } from '#proto/ostinato/history/v1';
import type { CurrentExecution } from '#proto/ostinato/persistence/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { EventType, WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import type { WorkflowExecutionOptionsUpdatedEventAttributesInit } from '#proto/temporal/api/history/v1';
import type { StartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import type { HistoryEngine } from '../engine.ts';
import { VALIDATE_START_INTERVAL, WORKFLOW_ID_REUSE_MINIMAL_INTERVAL } from '../limits.ts';
import type { Shard } from '../shard/shard.ts';
import { checkVersioningOverride } from '../versioning-override.ts';
import { standbyCallbacks } from '../workflow/callbacks.ts';
import { HISTORY_SERVICE, terminateRun } from '../workflow/close.ts';
import { addBackoffTask, BackoffType, createRun, startRun } from '../workflow/start-run.ts';
import { IMMEDIATE } from '../workflow/update/index.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { scheduleWorkflowTask, startWorkflowTask } from '../workflow/workflow-task.ts';
import { effectivePolicies, resolveDuplicate } from './resolve-duplicate.ts';
import { startedAttributes } from './started-attributes.ts';

export interface StartWorkflow {
  readonly namespaceId: string;
  readonly request: StartWorkflowExecutionRequest;
  readonly parent?: ParentInfo | undefined;
  /** Eager start is wanted and allowed. */
  readonly eager?: boolean;
  /** The run's first workflow task waits for its parent (ScheduleWorkflowTask). */
  readonly holdsFirstWorkflowTask?: boolean;
  /** Policy when the request names none: FAIL, but USE_EXISTING for signal-with-start. */
  readonly defaultConflictPolicy?: number;
  /** A request id that has started the current run does not stand in the way of another start. */
  readonly repeats?: boolean;
  /** More for the first decision of a new run (a signal, an update). */
  readonly also?: (workflow: Workflow) => void;
}

export type StartOutcome =
  /** `workflow` is the new run; nothing is durable yet. */
  | { readonly kind: 'started'; readonly workflow: Workflow }
  /** The same request id has started this run before. */
  | { readonly kind: 'deduplicated'; readonly current: CurrentExecution; readonly startedIt: boolean }
  /** The open run serves the request. */
  | { readonly kind: 'existing'; readonly current: CurrentExecution };

/** Decides; the caller waits for the shard to settle. Throws ALREADY_EXISTS and RESOURCE_EXHAUSTED as the policies say. */
export async function startWorkflow(engine: HistoryEngine, shard: Shard, start: StartWorkflow): Promise<StartOutcome> {
  const { request, namespaceId } = start;
  checkVersioningOverride(request.taskQueue?.name ?? '', request.versioningOverride);
  const namespace = await engine.namespaces.resolveId(namespaceId);
  const current = await shard.currentRun(namespaceId, request.workflowId);
  // Another start may have decided while this one waited: then it begins anew, on what is true now (I4).
  if (shard.knownCurrent(namespaceId, request.workflowId) !== current) return startWorkflow(engine, shard, start);
  if (current === undefined)
    return { kind: 'started', workflow: createNewRun(engine, shard, namespace, start, '', undefined) };

  const known = current.requestIds.get(request.requestId);
  if (known !== undefined && request.requestId !== '' && start.repeats !== true) {
    const startedIt = known.eventType === EventType.WORKFLOW_EXECUTION_STARTED;
    return { kind: 'deduplicated', current, startedIt };
  }
  const policies = effectivePolicies(
    request.workflowIdReusePolicy,
    request.workflowIdConflictPolicy,
    start.defaultConflictPolicy ?? WorkflowIdConflictPolicy.FAIL,
  );
  const resolution = resolveDuplicate(request.workflowId, current, policies, {
    nowMs: shard.nowMs(),
    minimalIntervalMs: engine.config.get(VALIDATE_START_INTERVAL, { namespace: namespace.name })
      ? engine.config.get(WORKFLOW_ID_REUSE_MINIMAL_INTERVAL, { namespace: namespace.name })
      : 0,
  });
  if (resolution === 'useExisting') return { kind: 'existing', current };
  if (resolution === 'start') {
    return { kind: 'started', workflow: createNewRun(engine, shard, namespace, start, current.runId, undefined) };
  }
  const running = await shard.workflow(namespaceId, request.workflowId, current.runId);
  if (!running.isRunning || shard.knownCurrent(namespaceId, request.workflowId) !== current) {
    return startWorkflow(engine, shard, start);
  }
  return { kind: 'started', workflow: createNewRun(engine, shard, namespace, start, current.runId, running) };
}

function createNewRun(
  engine: HistoryEngine,
  shard: Shard,
  namespace: NamespaceRecord,
  start: StartWorkflow,
  previousRunId: string,
  terminated: Workflow | undefined,
): Workflow {
  const { request, parent } = start;
  const runId = shard.newId();
  const nowMs = shard.nowMs();
  const attributes = {
    ...startedAttributes(request, { config: engine.config, namespace, runId, nowMs, parent }),
    eagerExecutionAccepted: start.eager === true,
  };
  const run = { namespace, workflowId: request.workflowId, runId, requestId: request.requestId };
  const workflow = createRun(shard, run, shard.newId());
  if (terminated !== undefined) {
    shard.decide(terminated, () =>
      terminateRun(terminated, {
        reason: 'TerminateIfRunning WorkflowIdReusePolicy',
        details: terminatedBy(runId),
        identity: HISTORY_SERVICE,
      }),
    );
    // Their callers hear that the run ended: the new run is another one, and no continuation.
    terminated.updateRegistry?.workflowClosed(false, IMMEDIATE);
  }
  shard.create(
    workflow,
    () => {
      startRun(workflow, { ...run, attributes, userMetadata: request.userMetadata, links: request.links });
      start.also?.(workflow);
      if (start.holdsFirstWorkflowTask === true) return;
      const backoffMs = attributes.firstWorkflowTaskBackoff ?? 0;
      if (backoffMs > 0) {
        addBackoffTask(workflow, request.cronSchedule === '' ? BackoffType.DELAY_START : BackoffType.CRON);
        return;
      }
      scheduleWorkflowTask(workflow, { bypassTask: start.eager === true });
      if (start.eager === true) {
        startWorkflowTask(workflow, { requestId: request.requestId, identity: request.identity });
        workflow.volatileStart = true; // its timeout goes with this write
      }
    },
    previousRunId,
  );
  return workflow;
}

function terminatedBy(runId: string): Uint8Array {
  const data = Buffer.from(JSON.stringify(`terminated by new runID: ${runId}`));
  return Payloads.encode({
    payloads: [Payload.encode({ metadata: new Map([['encoding', Buffer.from('json/plain')]]), data })],
  });
}

/** A start that joins the open run leaves its request id, callbacks and links there (on_conflict_options). */
export async function attachToExisting(
  shard: Shard,
  namespaceId: string,
  request: StartWorkflowExecutionRequest,
  runId: string,
): Promise<boolean> {
  const options = request.onConflictOptions;
  const workflow = await shard.workflow(namespaceId, request.workflowId, runId);
  if (!workflow.isRunning) return false;
  if (options === undefined) {
    await shard.settled(workflow);
    return true;
  }
  await shard.update(workflow, () => {
    const attributes: WorkflowExecutionOptionsUpdatedEventAttributesInit = {
      attachedRequestId: options.attachRequestId ? request.requestId : '',
      attachedCompletionCallbacks: options.attachCompletionCallbacks ? request.completionCallbacks : [],
    };
    const event = workflow.events.add(EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED, {
      workflowExecutionOptionsUpdatedEventAttributes: attributes,
      links: options.attachLinks ? request.links : [],
      workerMayIgnore: true,
    });
    const { state } = workflow;
    if (options.attachRequestId) {
      const requestIds = new Map(state.requestIds);
      requestIds.set(request.requestId, {
        eventType: EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED,
        eventId: event.eventId,
      });
      state.requestIds = requestIds;
      shard.refreshCurrent(workflow);
    }
    if (options.attachCompletionCallbacks) {
      const added = standbyCallbacks(request.completionCallbacks, request.requestId, workflow.nowMs);
      state.callbacks = [...state.callbacks, ...added];
    }
  });
  return true;
}
