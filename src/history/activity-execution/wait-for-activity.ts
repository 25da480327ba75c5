// Waits for an activity execution to change, for long polls: until what the caller asks for is true, or its time is up. History thread.

import { defineSetting } from '../../config/dynamic-config.ts';
import type { CallContext } from '../../runtime/service.ts';
import type { HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import type { ActivityExecution } from './activity-execution.ts';

const LONG_POLL_TIMEOUT = defineSetting<number>({
  key: 'activity.longPollTimeout',
  type: 'durationMs',
  scope: 'namespace',
  defaultValue: 60_000,
});
/** A long poll is answered at least so long before its caller gives up. */
const LONG_POLL_BUFFER = defineSetting<number>({
  key: 'activity.longPollBuffer',
  type: 'durationMs',
  scope: 'namespace',
  defaultValue: 1_000,
});

export interface ActivityKey {
  readonly namespaceId: string;
  readonly activityId: string;
  /** '' for the current run at the beginning of the wait. */
  readonly runId: string;
}

/**
 * What `answer` makes of the execution, of what is durable of it, once that is something. Undefined when the time is up: the caller
 * asks again. Throws NOT_FOUND once the execution is deleted.
 */
export async function waitForActivity<T>(
  engine: HistoryEngine,
  shard: Shard,
  call: CallContext,
  key: ActivityKey,
  answer: (execution: ActivityExecution) => T | undefined,
): Promise<T | undefined> {
  const { clock, config } = engine;
  const { namespaceId, activityId } = key;
  let execution = await settledActivity(shard, namespaceId, activityId, key.runId);
  const constraints = { namespace: execution.namespace.name };
  const endMs = Math.min(
    clock.nowMs() + config.get(LONG_POLL_TIMEOUT, constraints),
    call.deadlineMs - config.get(LONG_POLL_BUFFER, constraints),
  );
  for (;;) {
    const answered = answer(execution);
    if (answered !== undefined || clock.nowMs() >= endMs || call.cancelled) return answered;
    await nextChange(engine, execution, call, endMs);
    execution = await settledActivity(shard, namespaceId, activityId, execution.runId);
  }
}

/** The execution at a moment when all that memory shows of it is durable (I2). */
export async function settledActivity(
  shard: Shard,
  namespaceId: string,
  activityId: string,
  runId: string,
): Promise<ActivityExecution> {
  for (;;) {
    const execution = await shard.activities.get(namespaceId, activityId, runId);
    const settled = shard.activities.settled(execution);
    if (settled === undefined) return execution;
    await settled;
  }
}

function nextChange(
  { clock }: HistoryEngine,
  execution: ActivityExecution,
  call: CallContext,
  endMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      unsubscribe();
      timer.cancel();
      resolve();
    };
    const unsubscribe = execution.onChange(finish);
    const timer = clock.after(endMs - clock.nowMs(), finish);
    call.onCancel(finish);
  });
}
