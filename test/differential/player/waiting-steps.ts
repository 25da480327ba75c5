// Calls that wait for what a worker does: queries and updates. Their answers are compared at the end of the program.

import { enums, payloads } from '../../end-to-end/harness/api.ts';
import { readHistory } from '../../end-to-end/harness/history.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { Step } from '../program.ts';
import { startRequest } from '../requests/index.ts';
import { isOpen } from './execution-status.ts';
import { STARTS_WITH_UPDATE } from './settle.ts';
import type { Slot } from './slot.ts';
import { NAMESPACE, type Outcome, type Stage, type StepOutcome } from './stage.ts';
import { ARRIVES_MS, SETTLE_DEADLINE_MS, SETTLE_INTERVAL_MS, SHORT_TIMEOUT_MS } from './waits.ts';

/** Plays the worker too, when the query can be answered at once. */
export async function query(stage: Stage, step: Extract<Step, { op: 'query' }>): Promise<StepOutcome> {
  const slot = stage.slot(step.slot);
  const execution = stage.execution(slot, step.oddity);
  const request = {
    namespace: NAMESPACE,
    execution,
    query: { queryType: step.oddity === 'noType' ? '' : 'a-query', queryArgs: payloads('argument') },
    ...(step.oddity === 'rejectNotOpen' ? { queryRejectCondition: 2 } : {}),
  };
  if (step.oddity === 'buffered') {
    stage.wait(
      `query ${step.slot}`,
      stage.long(() => stage.service.queryWorkflow(request)),
    );
    // Nothing shows that a server has it.
    await pause(ARRIVES_MS);
    return 'sent';
  }
  const direct =
    ['noType', 'unknownId'].includes(step.oddity ?? '') || !(await answersQueries(stage, slot, step.oddity));
  if (direct && !['noType', 'unknownId', 'rejectNotOpen'].includes(step.oddity ?? '')) return 'not now';
  const called = stage.call(() => stage.service.queryWorkflow(request));
  if (direct) return await Promise.race([called, pause(1_000).then(() => 'waits')]);
  for (let waiting = 0; waiting <= stage.waiting.length; waiting += 1) {
    if (!(await answerQuery(stage, slot, step.oddity === 'failed'))) return 'no query task';
    // A query of an earlier step may have been first in the queue.
    const isAnswered = await Promise.race([called.then(() => true), pause(SHORT_TIMEOUT_MS).then(() => false)]);
    if (isAnswered) break;
  }
  return await called;
}

/** The worker's part; false if no query came. */
async function answerQuery(stage: Stage, slot: Slot, fails: boolean): Promise<boolean> {
  const task = await stage.raw(() =>
    stage.service.pollWorkflowTaskQueue({
      namespace: NAMESPACE,
      taskQueue: { name: slot.names.taskQueue },
      identity: 'worker',
    }),
  );
  if (task.taskToken.length === 0) return false;
  await stage.raw(() =>
    stage.service.respondQueryTaskCompleted({
      namespace: NAMESPACE,
      taskToken: task.taskToken,
      completedType: fails ? 2 : 1,
      ...(fails ? { errorMessage: 'cannot answer' } : { queryResult: payloads('answer') }),
    }),
  );
  return true;
}

async function answersQueries(stage: Stage, slot: Slot, oddity: string | undefined): Promise<boolean> {
  const described = await stage.raw(() => stage.describe(slot.names.workflowId)).catch(() => undefined);
  if (!described) return false;
  if (!isOpen(described.workflowExecutionInfo?.status)) return oddity !== 'rejectNotOpen';
  const execution = { workflowId: slot.names.workflowId, runId: '' };
  const events = await stage.raw(() => readHistory(stage.service, NAMESPACE, execution));
  const worked = events.some((event) => event.workflowTaskCompletedEventAttributes);
  return worked && !described.pendingWorkflowTask;
}

export async function update(stage: Stage, step: Extract<Step, { op: 'update' }>): Promise<string> {
  const slot = stage.slot(step.slot);
  const lifecycleStage = { waitAccepted: 2, waitAdmitted: 1 }[step.oddity ?? ''] ?? 3;
  const outcome = stage.long(() =>
    stage.service.updateWorkflowExecution({
      namespace: NAMESPACE,
      workflowExecution: stage.execution(slot, step.oddity),
      request: {
        meta: { updateId: step.oddity === 'longId' ? 'x'.repeat(1_001) : `u${step.id}`, identity: 'updater' },
        input: { name: step.oddity === 'noName' ? '' : 'an-update', args: payloads('argument') },
      },
      waitPolicy: { lifecycleStage },
    }),
  );
  stage.wait(`update ${step.slot}/u${step.id}`, outcome);
  return await admitted(stage, slot, step.id, outcome);
}

export async function startWithUpdate(stage: Stage, step: Extract<Step, { op: 'startWithUpdate' }>): Promise<string> {
  const slot = stage.slot(step.slot);
  const { workflowId } = slot.names;
  const { WorkflowIdConflictPolicy: Conflict } = enums;
  const policy =
    step.oddity === 'terminateExisting'
      ? Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
      : step.oddity === 'useExisting'
        ? Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
        : Conflict.WORKFLOW_ID_CONFLICT_POLICY_FAIL;
  const startWorkflow = {
    ...startRequest(slot.names, undefined, crypto.randomUUID()),
    workflowIdConflictPolicy: policy,
  };
  const updateWorkflow = {
    namespace: NAMESPACE,
    workflowExecution: { workflowId },
    request: {
      meta: { updateId: `u${step.id}`, identity: 'updater' },
      input: { name: step.oddity === 'noName' ? '' : 'an-update', args: payloads('argument') },
    },
    waitPolicy: { lifecycleStage: step.oddity === 'waitAccepted' ? 2 : 3 },
  };
  const operations = [{ startWorkflow }, { updateWorkflow }];
  const outcome = stage.long(() => stage.service.executeMultiOperation({ namespace: NAMESPACE, operations }));
  stage.wait(`${STARTS_WITH_UPDATE} ${step.slot}/u${step.id}`, outcome);
  return await admitted(stage, slot, step.id, outcome);
}

/** Until the server has taken the update or refused it. */
async function admitted(stage: Stage, slot: Slot, id: number, outcome: Promise<StepOutcome>): Promise<string> {
  let isSettled = false;
  void outcome.then(() => {
    isSettled = true;
  });
  const updateRef = { workflowExecution: { workflowId: slot.names.workflowId }, updateId: `u${id}` };
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  while (!isSettled && Date.now() < deadline) {
    const known = await stage
      .raw(() => stage.connection.workflowService.pollWorkflowExecutionUpdate({ namespace: NAMESPACE, updateRef }))
      .then(
        () => true,
        () => false,
      );
    if (known) break;
    await pause(SETTLE_INTERVAL_MS);
  }
  return 'sent';
}

/** Asks for what is known at once. */
export async function pollUpdate(stage: Stage, step: Extract<Step, { op: 'pollUpdate' }>): Promise<Outcome> {
  const workflowExecution = { workflowId: stage.slot(step.slot).names.workflowId };
  return await stage.call(() =>
    stage.service.pollWorkflowExecutionUpdate({
      namespace: NAMESPACE,
      updateRef: { workflowExecution, updateId: `u${step.id}` },
      identity: 'updater',
    }),
  );
}
