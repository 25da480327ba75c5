// Waits for a run to change, for long polls: until what the caller asks for is true, its time is up, or it has gone.
// History thread.

import type { Clock } from '../runtime/clock.ts';
import type { CallContext } from '../runtime/service.ts';
import type { Shard } from './shard/shard.ts';
import type { Workflow } from './workflow/workflow.ts';

/** A long poll is answered so long before its caller gives up (service/history/api longPollSoftTimeout, v1.31). */
const ANSWER_BEFORE_DEADLINE_MS = 1_000;

export interface WaitForChange {
  readonly workflow: Workflow;
  readonly until: (workflow: Workflow) => boolean;
  readonly maxWaitMs: number;
  /** Every new event counts, also a started workflow task; else only what is written anyway. */
  readonly everyEvent: boolean;
}

/** The run as it is at the end of the wait. Throws NOT_FOUND once it is deleted. */
export async function waitForChange(
  clock: Clock,
  shard: Shard,
  call: CallContext,
  wait: WaitForChange,
): Promise<Workflow> {
  const { namespaceId, workflowId, runId } = wait.workflow;
  const endMs = Math.min(clock.nowMs() + wait.maxWaitMs, call.deadlineMs - ANSWER_BEFORE_DEADLINE_MS);
  let { workflow } = wait;
  while (!wait.until(workflow) && clock.nowMs() < endMs && !call.cancelled) {
    await nextChange(clock, workflow, call, endMs, wait.everyEvent);
    workflow = await shard.workflow(namespaceId, workflowId, runId);
  }
  return workflow;
}

function nextChange(
  clock: Clock,
  workflow: Workflow,
  call: CallContext,
  endMs: number,
  everyEvent: boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      unsubscribe();
      timer.cancel();
      resolve();
    };
    const unsubscribe = workflow.onChange(finish, everyEvent);
    const timer = clock.after(endMs - clock.nowMs(), finish);
    call.onCancel(finish);
  });
}
