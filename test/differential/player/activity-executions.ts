// Activities without a workflow: what a client, a worker and an operator do with the one of a slot, and what is there in the end.

import { applicationFailure, bytesOf, duration, enums, payloads } from '../../end-to-end/harness/api.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { ActivityExecutionStep } from '../activity-executions.ts';
import { startActivityRequest } from '../requests/index.ts';
import { activityChange } from './operator-steps.ts';
import { polled } from './polled.ts';
import { isShort } from './settle.ts';
import { requestIdOf, type Slot } from './slot.ts';
import { NAMESPACE, type Stage, type StepOutcome, UNKNOWN_RUN } from './stage.ts';
import type { TranscriptEntry } from './transcript.ts';
import { BY_ITSELF_MS, SETTLE_DEADLINE_MS, SETTLE_INTERVAL_MS, SHORT_TIMEOUT_MS, VISIBLE_MS } from './waits.ts';

const LONG = 'x'.repeat(1_001);
const SETTLED_LOOKS = 3;
/** After these something happens by itself. */
const MOVES_BY_ITSELF: ReadonlySet<string> = new Set(['delay', 'shortScheduleToClose', 'shortScheduleToStart']);

const idOf = (slot: Slot): string => `${slot.names.workflowId}-activity`;
const queueOf = (slot: Slot): string => `${slot.names.taskQueue}-activity`;

/** The slot's activity, or what the oddity makes of it. */
function target(stage: Stage, slot: Slot, oddity: string | undefined) {
  const activityId = oddity === 'unknownId' ? `${stage.prefix}-nobody` : oddity === 'noId' ? '' : idOf(slot);
  const runId = { unknownRun: UNKNOWN_RUN, badRun: 'no-uuid' }[oddity ?? ''] ?? '';
  return { namespace: NAMESPACE, activityId, runId };
}

/** As `target`, with who asks, why, and by which request. */
function order(stage: Stage, slot: Slot, oddity: string | undefined) {
  const requestIds: Record<string, string> = { longRequest: LONG, noRequest: '' };
  return {
    ...target(stage, slot, oddity),
    identity: oddity === 'longIdentity' ? LONG : 'operator',
    reason: oddity === 'longReason' ? LONG : 'a reason',
    requestId: requestIds[oddity ?? ''] ?? requestIdOf(slot, oddity),
  };
}

export async function activityExecution(stage: Stage, step: ActivityExecutionStep): Promise<StepOutcome> {
  const slot = stage.slot(step.slot);
  const { what, oddity } = step;
  const { service } = stage;
  slot.inUse = true;
  const more = JITTERS.has(what) ? { jitter: oddity === 'jitter' ? duration(1) : null } : {};
  switch (what) {
    case 'start': {
      const names = { namespace: NAMESPACE, activityId: idOf(slot), taskQueue: queueOf(slot) };
      const request = startActivityRequest(names, oddity, requestIdOf(slot, oddity));
      const outcome = await stage.call(() => service.startActivityExecution(request));
      if (MOVES_BY_ITSELF.has(oddity ?? '')) await pause(BY_ITSELF_MS);
      return outcome;
    }
    case 'describe':
      return await describeStep(stage, slot, oddity);
    case 'outcome':
      // An open one would be waited for.
      if (oddity === undefined && (await isOpen(stage, slot))) return 'open';
      return await stage.call(() => service.pollActivityExecution(target(stage, slot, oddity)));
    case 'pollTask':
      return await pollTask(stage, slot);
    case 'requestCancel':
      return await stage.call(() => service.requestCancelActivityExecution(order(stage, slot, oddity)));
    case 'terminate':
      return await stage.call(() => service.terminateActivityExecution(order(stage, slot, oddity)));
    case 'delete':
      return await deleteStep(stage, slot, oddity);
    case 'pause':
      return await stage.call(() => service.pauseActivityExecution(order(stage, slot, oddity)));
    case 'unpause':
      return await stage.call(() => service.unpauseActivityExecution({ ...order(stage, slot, oddity), ...more }));
    case 'reset':
      return await stage.call(() =>
        service.resetActivityExecution({
          ...order(stage, slot, oddity),
          ...more,
          keepPaused: oddity === 'keepPaused',
          resetHeartbeat: oddity === 'resetHeartbeat',
          restoreOriginalOptions: oddity === 'restore',
        }),
      );
    case 'options':
      return await stage.call(() =>
        service.updateActivityExecutionOptions({ ...order(stage, slot, oddity), ...optionsOf(slot, oddity) }),
      );
    case 'list':
    case 'count':
      return await listStep(stage, what, oddity);
    default:
      return await answer(stage, slot, what, oddity);
  }
}

const JITTERS: ReadonlySet<string> = new Set(['unpause', 'reset']);

function optionsOf(slot: Slot, oddity: string | undefined): object {
  const change = activityChange(oddity, queueOf(slot));
  if (oddity === 'restore') return { restoreOriginal: true };
  if (oddity === 'restoreAndChange') return { ...change, restoreOriginal: true };
  if (oddity === 'noMask') return { activityOptions: change.activityOptions };
  if (oddity === 'badMask') return { ...change, updateMask: { paths: ['nonsense'] } };
  return change;
}

async function describeStep(stage: Stage, slot: Slot, oddity: string | undefined): Promise<StepOutcome> {
  const all = { includeInput: true, includeOutcome: true, includeHeartbeatDetails: true, includeLastFailure: true };
  return await stage.call(() =>
    stage.service.describeActivityExecution({
      ...target(stage, slot, oddity),
      ...(oddity === 'everything' ? all : {}),
      ...(oddity === 'badToken' ? { longPollToken: bytesOf('garbage'), runId: UNKNOWN_RUN } : {}),
      ...(oddity === 'tokenWithoutRun' ? { longPollToken: bytesOf('garbage') } : {}),
    }),
  );
}

async function known(stage: Stage, slot: Slot, runId = '') {
  return await stage
    .raw(() =>
      stage.connection.workflowService.describeActivityExecution({
        namespace: NAMESPACE,
        activityId: idOf(slot),
        runId,
        includeOutcome: true,
      }),
    )
    .then(
      (described) => described.info ?? undefined,
      () => undefined,
    );
}

async function isOpen(stage: Stage, slot: Slot): Promise<boolean> {
  const info = await known(stage, slot);
  return info?.status === enums.ActivityExecutionStatus.ACTIVITY_EXECUTION_STATUS_RUNNING;
}

/** Polls only when the activity waits for a worker now. */
async function pollTask(stage: Stage, slot: Slot): Promise<StepOutcome> {
  const info = await known(stage, slot);
  if (info?.status !== enums.ActivityExecutionStatus.ACTIVITY_EXECUTION_STATUS_RUNNING) return 'no activity';
  if (info.runState !== enums.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED) return 'no task';
  const next = info.nextAttemptScheduleTime;
  if (next && Number(next.seconds) * 1_000 > Date.now() - SHORT_TIMEOUT_MS && (info.attempt ?? 1) > 1) return 'not yet';
  if (next && Number(next.seconds) * 1_000 > Date.now()) return 'not yet';
  const outcome = await stage.answered(async () => {
    const request = { namespace: NAMESPACE, taskQueue: { name: info.taskQueue || queueOf(slot) }, identity: 'worker' };
    const task = await polled(stage, () => stage.service.pollActivityTaskQueue(request));
    slot.staleActivity = slot.activity;
    slot.activity = task;
    return task;
  });
  const timeouts = [slot.activity?.startToCloseTimeout, slot.activity?.heartbeatTimeout];
  if (timeouts.some((timeout) => isShort(timeout))) await pause(BY_ITSELF_MS);
  return outcome;
}

async function answer(stage: Stage, slot: Slot, what: string, oddity: string | undefined): Promise<StepOutcome> {
  const task = oddity === 'staleToken' ? slot.staleActivity : slot.activity;
  const isById = oddity === 'byId';
  if (!task && !isById && oddity !== 'garbageToken') return 'no task to answer';
  const taskToken = oddity === 'garbageToken' ? bytesOf('garbage') : (task?.taskToken ?? new Uint8Array());
  const by = { namespace: NAMESPACE, taskToken, identity: 'worker' };
  const byId = { namespace: NAMESPACE, activityId: idOf(slot), identity: 'worker' };
  const { service } = stage;
  const outcome = await stage.call(() => {
    if (what === 'complete') {
      const result = payloads('activity result');
      if (isById) return service.respondActivityTaskCompletedById({ ...byId, result });
      return service.respondActivityTaskCompleted({ ...by, result });
    }
    if (what === 'cancelled') {
      const details = payloads('activity cancelled');
      if (isById) return service.respondActivityTaskCanceledById({ ...byId, details });
      return service.respondActivityTaskCanceled({ ...by, details });
    }
    if (what === 'heartbeat') {
      const details = payloads('progress');
      if (isById) return service.recordActivityTaskHeartbeatById({ ...byId, details });
      return service.recordActivityTaskHeartbeat({ ...by, details });
    }
    const failure = applicationFailure('activity failed', { nonRetryable: what === 'failFatally' });
    if (isById) return service.respondActivityTaskFailedById({ ...byId, failure });
    return service.respondActivityTaskFailed({ ...by, failure });
  });
  if (what === 'fail' && isShort(slot.activity?.retryPolicy?.initialInterval)) await pause(BY_ITSELF_MS);
  return outcome;
}

/** What is left of it goes before the next step. */
async function deleteStep(stage: Stage, slot: Slot, oddity: string | undefined): Promise<StepOutcome> {
  const outcome = await stage.call(() => stage.service.deleteActivityExecution(target(stage, slot, oddity)));
  if ('error' in outcome) return outcome;
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  while (Date.now() < deadline && (await known(stage, slot)) !== undefined) await pause(VISIBLE_MS);
  return outcome;
}

async function listStep(stage: Stage, what: 'list' | 'count', oddity: string | undefined): Promise<StepOutcome> {
  const own = `ActivityId STARTS_WITH "${stage.prefix}-"`;
  const queries: Record<string, string> = {
    status: `${own} AND ExecutionStatus = "Running"`,
    type: `${own} AND ActivityType = "some-activity"`,
    grouped: `${own} GROUP BY ExecutionStatus`,
    badFilter: 'Nonsense = 1',
  };
  const request = {
    namespace: NAMESPACE,
    query: queries[oddity ?? ''] ?? own,
    ...(oddity === 'negativePage' ? { pageSize: -1 } : {}),
    ...(oddity === 'badToken' ? { nextPageToken: bytesOf('garbage') } : {}),
  };
  const { service } = stage;
  const send = (): Promise<object> =>
    what === 'list' ? service.listActivityExecutions(request) : service.countActivityExecutions(request);
  await untilAlike(() => stage.raw(send).then(JSON.stringify, () => 'refused'), VISIBLE_MS);
  return await stage.call(send);
}

async function untilAlike(look: () => Promise<string>, everyMs: number): Promise<void> {
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  let last = '';
  for (let alike = 0; alike < SETTLED_LOOKS && Date.now() < deadline; ) {
    const seen = await look();
    alike = seen === last ? alike + 1 : 0;
    last = seen;
    await pause(everyMs);
  }
}

export async function settleActivities(stage: Stage): Promise<void> {
  const look = async (): Promise<string> => {
    const all = await Promise.all(stage.slots.filter(({ inUse }) => inUse).map((slot) => known(stage, slot)));
    return all.map((info) => [info?.runId, info?.status, info?.runState, info?.attempt].join('/')).join(' ');
  };
  await untilAlike(look, SETTLE_INTERVAL_MS);
}

/** Every run of every slot, as lists and descriptions show them. */
export async function lastLookAtActivities(stage: Stage): Promise<TranscriptEntry[]> {
  const used = stage.slots.filter(({ inUse }) => inUse);
  if (used.length === 0) return [];
  const entries: TranscriptEntry[] = [{ step: 'final list', outcome: await listStep(stage, 'list', undefined) }];
  for (const slot of used) {
    entries.push({
      step: `final describe of ${idOf(slot)}`,
      outcome: await describeStep(stage, slot, 'everything'),
    });
    const { activityId } = target(stage, slot, undefined);
    await stage
      .raw(() => stage.service.terminateActivityExecution({ namespace: NAMESPACE, activityId }))
      .catch(() => undefined);
  }
  return entries;
}
