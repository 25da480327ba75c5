// What clients do with runs: start, signal, end, read, reset, pause and delete them.

import { bytesOf, enums, payload, payloads } from '../../end-to-end/harness/api.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { Step } from '../program.ts';
import { startRequest } from '../requests/index.ts';
import { isOpen } from './execution-status.ts';
import { keepTask, requestIdOf, type Slot } from './slot.ts';
import { NAMESPACE, type Outcome, type Stage, UNKNOWN_RUN } from './stage.ts';
import { VISIBLE_MS } from './waits.ts';

/** Temporal deletes when its queues have acknowledged all that came before. */
const DELETED_MS = 9_000;
const AFTER_RESET = [
  { signalWorkflow: { signalName: 'after-reset', input: payloads('signal input') } },
  {
    updateWorkflowOptions: {
      workflowExecutionOptions: { priority: { priorityKey: 3 } },
      updateMask: { paths: ['priority'] },
    },
  },
];

export async function start(stage: Stage, step: Extract<Step, { op: 'start' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const request = startRequest(slot.names, step.oddity, requestIdOf(slot, step.oddity));
  return await stage.call(async () => {
    const response = await stage.service.startWorkflowExecution(request);
    slot.firstRunId = response.runId ?? '';
    if (response.started) {
      slot.chains = ['cronSoon', 'quickRetry'].includes(step.oddity ?? '');
      slot.timesOut = step.oddity === 'shortTask';
    }
    if (response.eagerWorkflowTask) keepTask(slot, response.eagerWorkflowTask);
    return response;
  });
}

export async function signalWithStart(stage: Stage, step: Extract<Step, { op: 'signalWithStart' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const request = startRequest(slot.names, step.oddity, requestIdOf(slot, step.oddity)) as object;
  return await stage.call(() =>
    stage.service.signalWithStartWorkflowExecution({
      ...request,
      signalName: step.oddity === 'noName' ? '' : 'with-start',
      signalInput: payloads('signal input'),
    }),
  );
}

export async function signal(stage: Stage, step: Extract<Step, { op: 'signal' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const requestId = requestIdOf(slot, step.oddity);
  const names: Record<string, string> = { noName: '', longName: 'x'.repeat(1_001) };
  return await stage.call(() =>
    stage.service.signalWorkflowExecution({
      namespace: NAMESPACE,
      workflowExecution: stage.execution(slot, step.oddity),
      signalName: names[step.oddity ?? ''] ?? 'a-signal',
      input: payloads('signal input'),
      identity: 'signaller',
      requestId,
      ...(step.oddity === 'header' ? { header: { fields: { trace: payload('t') } } } : {}),
    }),
  );
}

export async function end(stage: Stage, step: Extract<Step, { op: 'requestCancel' | 'terminate' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const request = {
    namespace: NAMESPACE,
    workflowExecution: stage.execution(slot, step.oddity),
    reason: step.oddity === 'noReason' ? '' : 'a reason',
    identity: 'operator',
    ...(step.oddity === 'firstRun' ? { firstExecutionRunId: slot.firstRunId || UNKNOWN_RUN } : {}),
  };
  if (step.op === 'terminate') {
    const details = step.oddity === 'details' ? { details: payloads('details') } : {};
    return await stage.call(() => stage.service.terminateWorkflowExecution({ ...request, ...details }));
  }
  const requestId = requestIdOf(slot, step.oddity);
  return await stage.call(() => stage.service.requestCancelWorkflowExecution({ ...request, requestId }));
}

export async function history(stage: Stage, step: Extract<Step, { op: 'history' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const execution = stage.execution(slot, step.oddity);
  if (step.oddity === 'reverse') {
    return await stage.call(() =>
      stage.service.getWorkflowExecutionHistoryReverse({ namespace: NAMESPACE, execution, maximumPageSize: 1_000 }),
    );
  }
  if (step.oddity === 'closeEvent') return await closeEvent(stage, slot);
  return await stage.call(() =>
    stage.service.getWorkflowExecutionHistory({
      namespace: NAMESPACE,
      execution,
      maximumPageSize: step.oddity === 'pages' ? 3 : 1_000,
      ...(step.oddity === 'badToken' ? { nextPageToken: bytesOf('garbage') } : {}),
    }),
  );
}

/** Only of closed workflows: Temporal waits when the workflow is open. */
async function closeEvent(stage: Stage, slot: Slot): Promise<Outcome> {
  const { workflowId } = slot.names;
  const info = await stage
    .raw(() => stage.describe(workflowId))
    .then(
      (described) => described.workflowExecutionInfo,
      () => undefined,
    );
  if (info && isOpen(info.status)) return { ok: 'open' };
  return await stage.call(() =>
    stage.service.getWorkflowExecutionHistory({
      namespace: NAMESPACE,
      execution: { workflowId },
      historyEventFilterType: enums.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    }),
  );
}

export async function reset(stage: Stage, step: Extract<Step, { op: 'reset' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  return await stage.call(() =>
    stage.service.resetWorkflowExecution({
      namespace: NAMESPACE,
      workflowExecution: stage.execution(slot, step.oddity),
      reason: 'a reset',
      workflowTaskFinishEventId: step.eventId as never,
      requestId: step.oddity === 'noRequestId' ? '' : crypto.randomUUID(),
      identity: 'operator',
      ...(step.oddity === 'noReapply' ? { resetReapplyType: enums.ResetReapplyType.RESET_REAPPLY_TYPE_NONE } : {}),
      ...(step.oddity === 'excludeSignals' ? { resetReapplyExcludeTypes: [1] } : {}),
      ...(step.oddity === 'excludeUpdates' ? { resetReapplyExcludeTypes: [2] } : {}),
      ...(step.oddity === 'all' ? { resetReapplyType: enums.ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE } : {}),
      ...(step.oddity === 'afterwards' ? { postResetOperations: AFTER_RESET } : {}),
    }),
  );
}

export async function pauseWorkflow(
  stage: Stage,
  step: Extract<Step, { op: 'pauseWorkflow' | 'unpauseWorkflow' }>,
): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const { oddity } = step;
  const request = {
    namespace: NAMESPACE,
    ...stage.execution(slot, oddity),
    reason: oddity === 'longReason' ? 'x'.repeat(1_001) : 'a reason',
    requestId: oddity === 'longRequest' ? 'x'.repeat(1_001) : requestIdOf(slot, oddity),
    identity: oddity === 'longIdentity' ? 'x'.repeat(1_001) : 'operator',
  };
  if (step.op === 'pauseWorkflow') return await stage.call(() => stage.service.pauseWorkflowExecution(request));
  return await stage.call(() => stage.service.unpauseWorkflowExecution(request));
}

/** The current run, and what is left of it goes before the next step. */
export async function deleteRun(stage: Stage, index: number): Promise<Outcome> {
  const slot = stage.slot(index);
  const { workflowId } = slot.names;
  const runId = await stage
    .raw(() => stage.describe(workflowId))
    .then(
      (described) => described.workflowExecutionInfo?.execution?.runId ?? '',
      () => '',
    );
  const execution = { workflowId, runId };
  const outcome = await stage.call(() =>
    stage.service.deleteWorkflowExecution({ namespace: NAMESPACE, workflowExecution: execution }),
  );
  const deadline = Date.now() + DELETED_MS;
  while (runId !== '' && Date.now() < deadline) {
    const found = await stage
      .raw(() => stage.service.describeWorkflowExecution({ namespace: NAMESPACE, execution }))
      .then(
        () => true,
        () => false,
      );
    if (!found) break;
    await pause(VISIBLE_MS);
  }
  return outcome;
}

export async function workflowOptions(stage: Stage, step: Extract<Step, { op: 'workflowOptions' }>): Promise<Outcome> {
  const { oddity } = step;
  const versioningOverride =
    oddity === 'override' ? { pinned: { behavior: 1, version: { deploymentName: 'd', buildId: 'b' } } } : null;
  const changes: Record<string, object> = {
    remove: { workflowExecutionOptions: {}, updateMask: { paths: ['priority'] } },
    override: { workflowExecutionOptions: { versioningOverride }, updateMask: { paths: ['versioning_override'] } },
    unpin: { workflowExecutionOptions: {}, updateMask: { paths: ['versioning_override'] } },
    fairness: {
      workflowExecutionOptions: { priority: { fairnessKey: 'key', fairnessWeight: 3 } },
      updateMask: { paths: ['priority.fairness_key', 'priority.fairness_weight'] },
    },
  };
  const priority = {
    workflowExecutionOptions: { priority: { priorityKey: 2 } },
    updateMask: { paths: ['priority'] },
  };
  return await stage.call(() =>
    stage.service.updateWorkflowExecutionOptions({
      namespace: NAMESPACE,
      workflowExecution: stage.execution(stage.slot(step.slot), oddity),
      ...(changes[oddity ?? ''] ?? priority),
      identity: 'operator',
    }),
  );
}
