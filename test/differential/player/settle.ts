// Waits until a server has done in the background what a step leads to, so that the next step meets the same on every correct server.

import { enums } from '../../end-to-end/harness/api.ts';
import { readHistory } from '../../end-to-end/harness/history.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { ProgramCommand, Step } from '../program.ts';
import { MOVES_BY_ITSELF } from '../requests/index.ts';
import { isOpen } from './execution-status.ts';
import type { Slot } from './slot.ts';
import { NAMESPACE, type Stage, type StepOutcome } from './stage.ts';
import { BY_ITSELF_MS, SETTLE_DEADLINE_MS, SETTLE_INTERVAL_MS, SHORT_TIMEOUT_MS } from './waits.ts';

/** A second run of a chain waits until the first is a second old. */
const CHAIN_MS = 2_400;
/** Alike looks in a row until the server counts as settled. */
const SETTLED_LOOKS = 3;

const CLOSES: ReadonlySet<string> = new Set(['complete', 'fail', 'cancel', 'continueAsNew']);
const SENDS: ReadonlySet<string> = new Set(['signalExternal', 'cancelExternal']);
const { EventType } = enums;
const SENT: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
  EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
]);
const ARRIVED: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED,
  EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
]);

/** What such calls are named; one that waits starts its workflow again when the run closes. */
export const STARTS_WITH_UPDATE = 'start with update';

export const closesRun = (commands: readonly ProgramCommand[]): boolean =>
  commands.some(({ kind }) => CLOSES.has(kind));

/** Until the server has done what the step leads to. */
export async function waitAfter(stage: Stage, step: Step, outcome: StepOutcome): Promise<void> {
  if (typeof outcome !== 'string' && 'error' in outcome && step.op !== 'answerWorkflowTask') return;
  const commands: readonly ProgramCommand[] = step.op === 'answerWorkflowTask' ? step.commands : [];
  const oddities = [('oddity' in step && step.oddity) || '', ...commands.map((command) => command.oddity ?? '')];
  if (oddities.some((oddity) => MOVES_BY_ITSELF.has(oddity))) await pause(BY_ITSELF_MS);
  if (closesRun(commands) && isChained(stage, step)) await pause(CHAIN_MS);
  const startsAgain = stage.waiting.some(({ name, isOver }) => !isOver && name.startsWith(STARTS_WITH_UPDATE));
  if (startsAgain && (closesRun(commands) || step.op === 'terminate')) await pause(SHORT_TIMEOUT_MS);
  if (commands.some((command) => SENDS.has(command.kind)) && 'slot' in step)
    await delivered(stage, stage.slot(step.slot));
  if (step.op === 'answerActivity' && step.how === 'fail' && retriesSoon(stage, step.slot)) await pause(BY_ITSELF_MS);
  await settle(stage);
}

/** The end of the run leads to another one, or may. */
export function isChained(stage: Stage, step: Step): boolean {
  if (step.op !== 'answerWorkflowTask') return false;
  if (step.commands.some((command) => command.kind === 'continueAsNew')) return true;
  return stage.slot(step.slot).chains;
}

function retriesSoon(stage: Stage, index: number): boolean {
  const interval = stage.slot(index).activity?.retryPolicy?.initialInterval;
  return isShort(interval);
}

/** A server that takes long to answer also takes long to do what it does in the background. */
export async function settle(stage: Stage): Promise<void> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  let last = '';
  let alike = 0;
  while (alike < SETTLED_LOOKS && Date.now() < deadline) {
    const from = performance.now();
    const seen = await look(stage);
    alike = seen === last && !seen.includes('UNFINISHED') ? alike + 1 : 0;
    last = seen;
    if (alike < SETTLED_LOOKS) await pause(Math.max(SETTLE_INTERVAL_MS, 2 * (performance.now() - from)));
  }
}

/** What can be seen of the slots in use, in short; UNFINISHED when something is under way. */
async function look(stage: Stage): Promise<string> {
  const described = await Promise.all(
    stage.slots.map((slot) =>
      slot.inUse
        ? stage.raw(() => stage.describe(slot.names.workflowId)).catch(() => undefined)
        : Promise.resolve(undefined),
    ),
  );
  const closed = new Set(
    described
      .map((one) => one?.workflowExecutionInfo)
      .filter((info) => info && !isOpen(info.status))
      .map((info) => info?.execution?.runId),
  );
  const looks = described.map((one) => {
    if (!one) return 'none';
    const { workflowExecutionInfo: info, pendingWorkflowTask, pendingActivities, pendingChildren } = one;
    const open = !closed.has(info?.execution?.runId);
    // While a worker has a task, what children come to is kept from the history.
    const isWorking = pendingWorkflowTask?.state === enums.PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED;
    const underWay = open && pendingChildren?.some((child) => !child.runId || (!isWorking && closed.has(child.runId)));
    return [
      info?.execution?.runId,
      info?.status,
      info?.historyLength,
      pendingWorkflowTask?.state,
      pendingActivities?.map((activity) => `${activity.state}${activity.attempt}`).join(),
      underWay ? 'UNFINISHED' : '',
    ].join('/');
  });
  return looks.join(' ');
}

/** Until each signal and cancellation that a workflow sent has arrived or failed. */
async function delivered(stage: Stage, slot: Slot): Promise<void> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  const execution = { workflowId: slot.names.workflowId, runId: slot.task?.workflowExecution?.runId ?? '' };
  while (Date.now() < deadline) {
    const events = await stage.raw(() => readHistory(stage.service, NAMESPACE, execution)).catch(() => []);
    const sent = events.filter(({ eventType }) => SENT.has(eventType ?? 0)).length;
    const arrived = events.filter(({ eventType }) => ARRIVED.has(eventType ?? 0)).length;
    const isWorking = events.at(-1)?.eventType === enums.EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED;
    if (arrived >= sent || isWorking) return;
    await pause(SETTLE_INTERVAL_MS);
  }
}

export function isShort(timeout: { seconds?: unknown; nanos?: number | null } | null | undefined): boolean {
  if (!timeout) return false;
  const milliseconds = Number(timeout.seconds ?? 0) * 1_000 + (timeout.nanos ?? 0) / 1e6;
  return milliseconds > 0 && milliseconds <= SHORT_TIMEOUT_MS;
}
