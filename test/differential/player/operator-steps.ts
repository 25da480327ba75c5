// What operators do: options of activities, lists, namespaces, and calls with odd requests.

import { duration } from '../../end-to-end/harness/api.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import { sendOddCall } from '../calls/index.ts';
import { LISTS } from '../lists.ts';
import { sendNamespaceCall } from '../namespaces.ts';
import type { Step } from '../program.ts';
import { NAMESPACE, type Outcome, type Stage } from './stage.ts';
import { SETTLE_DEADLINE_MS, VISIBLE_MS } from './waits.ts';

const NAMESPACE_KNOWN_MS = 1_200;

export async function oddCall(stage: Stage, step: Extract<Step, { op: 'call' }>): Promise<Outcome> {
  const outcome = await stage.call(() => sendOddCall(stage.services, step.call, stage.slot(step.slot).names));
  // What a list shows of all that a server has is no answer to compare: that it takes the filter is.
  return 'ok' in outcome && /^(list|count|scan) (?!search)/.test(step.call) ? { ok: 'taken' } : outcome;
}

export async function activityOptions(stage: Stage, step: Extract<Step, { op: 'activityOptions' }>): Promise<Outcome> {
  const slot = stage.slot(step.slot);
  const { oddity } = step;
  const target =
    oddity === 'type'
      ? { type: 'some-activity' }
      : oddity === 'all' && step.how !== 'pause'
        ? { [step.how === 'unpause' ? 'unpauseAll' : 'matchAll']: true }
        : { id: slot.activity?.activityId || 'a0' };
  const which = {
    namespace: NAMESPACE,
    execution: { workflowId: slot.names.workflowId },
    ...target,
    identity: 'operator',
  };
  const more: Record<string, object> = {
    keepPaused: { keepPaused: true },
    heartbeat: { resetHeartbeat: true },
    jitter: { jitter: duration(1) },
    restore: step.how === 'reset' ? { restoreOriginalOptions: true } : {},
    retry: { resetAttempts: true },
  };
  return await stage.call(() => {
    switch (step.how) {
      case 'pause':
        return stage.service.pauseActivity({ ...which, reason: 'a pause' });
      case 'unpause':
        return stage.service.unpauseActivity({ ...which, ...more[oddity ?? ''] });
      case 'reset':
        return stage.service.resetActivity({ ...which, ...more[oddity ?? ''] });
      case 'update':
        if (oddity === 'restore') return stage.service.updateActivityOptions({ ...which, restoreOriginal: true });
        return stage.service.updateActivityOptions({ ...which, ...activityChange(oddity, slot.names.taskQueue) });
    }
  });
}

/** Lists and counts follow what happens after a moment: until an answer stays the same. */
export async function list(stage: Stage, index: number): Promise<Outcome> {
  const { rpc, query } = LISTS[index] ?? { rpc: 'countWorkflowExecutions', query: () => 'Nonsense = 2' };
  const request = { namespace: NAMESPACE, query: query(stage.prefix), pageSize: 100 };
  const send = () => (stage.service[rpc] as (request: object) => Promise<object>)(request);
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  let last = '';
  for (;;) {
    await pause(VISIBLE_MS);
    const answer = await stage.raw(send).then(
      (response) => JSON.stringify(response),
      () => 'refused',
    );
    if (answer === last || answer === 'refused' || Date.now() > deadline) break;
    last = answer;
  }
  return await stage.call(send);
}

/** A namespace of the program's own. */
export async function namespaceStep(stage: Stage, what: string): Promise<Outcome> {
  const outcome = await stage.call(() => sendNamespaceCall(stage.services, what, stage.prefix));
  // Other threads of a server hear of it within a second.
  if ('ok' in outcome) await pause(NAMESPACE_KNOWN_MS);
  return outcome;
}

/** New options of an activity, and which of them count. */
export function activityChange(oddity: string | undefined, taskQueue: string) {
  switch (oddity) {
    case 'retry':
      return {
        activityOptions: { retryPolicy: { initialInterval: duration(400_000), maximumAttempts: 5 } },
        updateMask: { paths: ['retry_policy.initial_interval', 'retryPolicy.maximumAttempts'] },
      };
    case 'queue':
      return {
        activityOptions: { taskQueue: { name: `${taskQueue}-other` } },
        updateMask: { paths: ['task_queue.name'] },
      };
    case 'heartbeat':
      return {
        activityOptions: { heartbeatTimeout: duration(500_000), scheduleToCloseTimeout: duration(900_000) },
        updateMask: { paths: ['heartbeat_timeout', 'schedule_to_close_timeout'] },
      };
    case 'jitter':
      return {
        activityOptions: { priority: { priorityKey: 4 }, startToCloseTimeout: duration(-1_000) },
        updateMask: { paths: ['priority', 'start_to_close_timeout'] },
      };
    default:
      return {
        activityOptions: { startToCloseTimeout: duration(77_000) },
        updateMask: { paths: ['start_to_close_timeout'] },
      };
  }
}
