// What the player knows of one workflow id: the tasks that its worker holds, and how it was started.

import type { ActivityTask, ProtocolMessage, WorkflowTask } from '../../end-to-end/harness/api.ts';
import { CHILD_SLOTS, SLOTS } from '../program.ts';
import type { Names } from '../requests/index.ts';

export interface Slot {
  readonly names: Names;
  task: WorkflowTask | undefined;
  staleTask: WorkflowTask | undefined;
  activity: ActivityTask | undefined;
  staleActivity: ActivityTask | undefined;
  requestId: string;
  firstRunId: string;
  /** Started with a cron schedule or a retry policy that soon leads to another run. */
  chains: boolean;
  /** Its workflow tasks time out at once. */
  timesOut: boolean;
  /** A workflow with its id may be there. */
  inUse: boolean;
  /** A poll of its sticky queue that waits. */
  stickyPoll: Promise<WorkflowTask | undefined> | undefined;
  /** Updates that were accepted and not completed, as requested. */
  readonly accepted: Map<string, ProtocolMessage>;
}

export function newSlots(namespace: string, prefix: string): Slot[] {
  const ownChildren = Array.from({ length: CHILD_SLOTS }, (_, child) => `${prefix}-q${SLOTS + child}`);
  return Array.from({ length: SLOTS + CHILD_SLOTS }, (_, slot) => ({
    names: {
      namespace,
      workflowId: slot < SLOTS ? `${prefix}-w${slot}` : `${prefix}-w0-child-${slot - SLOTS}`,
      taskQueue: `${prefix}-q${slot}`,
      childQueues: slot === 0 ? [...ownChildren, `${prefix}-children`] : [`${prefix}-children`],
      otherId: `${prefix}-w${(slot + 1) % SLOTS}`,
    },
    task: undefined,
    staleTask: undefined,
    activity: undefined,
    staleActivity: undefined,
    requestId: '',
    firstRunId: '',
    chains: false,
    timesOut: false,
    inUse: false,
    stickyPoll: undefined,
    accepted: new Map(),
  }));
}

/** The request id of the slot's last call again if it is to be the same, otherwise a new one. */
export function requestIdOf(slot: Slot, oddity: string | undefined): string {
  if (oddity !== 'sameRequest' || slot.requestId === '') slot.requestId = crypto.randomUUID();
  return slot.requestId;
}

export function keepTask(slot: Slot, task: WorkflowTask): void {
  slot.staleTask = slot.task;
  slot.task = task;
}
