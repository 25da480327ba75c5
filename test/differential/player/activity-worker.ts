// The worker's part of activities.

import type { Connection } from '@temporalio/client';
import { applicationFailure, bytesOf, enums, payloads } from '../../end-to-end/harness/api.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { Step } from '../program.ts';
import { polled } from './polled.ts';
import { isShort } from './settle.ts';
import { NAMESPACE, type Stage, type StepOutcome } from './stage.ts';
import { BY_ITSELF_MS, SHORT_TIMEOUT_MS } from './waits.ts';

export async function pollActivityTask(stage: Stage, index: number): Promise<StepOutcome> {
  const slot = stage.slot(index);
  const { workflowId, taskQueue } = slot.names;
  const pending = await stage
    .raw(() => stage.describe(workflowId))
    .then(
      (described) => described.pendingActivities ?? [],
      () => [],
    );
  // Each activity has its own queue: of two that become ready together, either may come first.
  const [ready] = pending.filter(isReady).sort((a, b) => ((a.activityId ?? '') < (b.activityId ?? '') ? -1 : 1));
  if (!ready) return 'no activity';
  const queue = ready.activityOptions?.taskQueue?.name ?? `${taskQueue}-${ready.activityId}`;
  const outcome = await stage.answered(async () => {
    const request = { namespace: NAMESPACE, taskQueue: { name: queue }, identity: 'worker' };
    const task = await polled(stage, () => stage.service.pollActivityTaskQueue(request));
    slot.staleActivity = slot.activity;
    slot.activity = task;
    return task;
  });
  const timeouts = [slot.activity?.startToCloseTimeout, slot.activity?.heartbeatTimeout];
  if (timeouts.some((timeout) => isShort(timeout))) await pause(BY_ITSELF_MS);
  return outcome;
}

export async function answerActivity(
  stage: Stage,
  step: Extract<Step, { op: 'answerActivity' }>,
): Promise<StepOutcome> {
  const slot = stage.slot(step.slot);
  const task = step.oddity === 'staleToken' ? slot.staleActivity : slot.activity;
  if (!task && step.oddity !== 'garbageToken') return 'no activity to answer';
  const taskToken = step.oddity === 'garbageToken' ? bytesOf('garbage') : (task?.taskToken ?? new Uint8Array());
  const activityId = step.oddity === 'unknownActivity' ? 'nobody' : (task?.activityId ?? '');
  const where = { namespace: NAMESPACE, workflowId: slot.names.workflowId, activityId, identity: 'worker' };
  const token = { namespace: NAMESPACE, taskToken, identity: 'worker' };
  const service = stage.service;
  return await stage.call(() => {
    switch (step.how) {
      case 'complete': {
        const result = payloads('activity result');
        if (step.byId) return service.respondActivityTaskCompletedById({ ...where, result });
        return service.respondActivityTaskCompleted({ ...token, result });
      }
      case 'fail':
      case 'failFatally': {
        const failure = applicationFailure('activity failed', { nonRetryable: step.how === 'failFatally' });
        if (step.byId) return service.respondActivityTaskFailedById({ ...where, failure });
        return service.respondActivityTaskFailed({ ...token, failure });
      }
      case 'cancel': {
        const details = payloads('activity cancelled');
        if (step.byId) return service.respondActivityTaskCanceledById({ ...where, details });
        return service.respondActivityTaskCanceled({ ...token, details });
      }
      case 'heartbeat': {
        const details = payloads('progress');
        if (step.byId) return service.recordActivityTaskHeartbeatById({ ...where, details });
        return service.recordActivityTaskHeartbeat({ ...token, details });
      }
    }
  });
}

type PendingActivity = NonNullable<
  Awaited<ReturnType<Connection['workflowService']['describeWorkflowExecution']>>['pendingActivities']
>[number];

/** Waits for a worker now: between two attempts it does not. */
function isReady({ state, attempt, nextAttemptScheduleTime: next }: PendingActivity): boolean {
  if (state !== enums.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED) return false;
  if ((attempt ?? 1) <= 1) return true;
  return next !== null && next !== undefined && Number(next.seconds) * 1_000 < Date.now() - SHORT_TIMEOUT_MS;
}
