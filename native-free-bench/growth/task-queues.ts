// Do more task queues make a workflow dearer? The same workflows and as many polls, over few task queues or over many.

import { type Driver, Failures } from '../load/driver.ts';
import type { LatencySink } from '../load/figures.ts';
import { Session } from '../load/session.ts';
import { oneActivity } from '../workloads/activities.ts';

class SpreadDriver implements Driver {
  readonly failures = new Failures();
  readonly #sessions: readonly Session[];
  #next = 0;

  constructor(sessions: readonly Session[]) {
    this.#sessions = sessions;
  }

  operate(intendedAtMs: number, figures: LatencySink): Promise<void> {
    return this.#sessions[this.#next++ % this.#sessions.length]!.operate(intendedAtMs, figures);
  }

  close(): void {
    for (const session of this.#sessions) {
      for (const message of session.failures.messages) this.failures.add('session', new Error(message));
      session.close();
    }
  }
}

/** Shared by the task queues, so that their number is all that differs. */
const CONNECTIONS = 50;

/** `polls` of each kind, divided among the task queues. */
export async function openSpreadDriver(address: string, taskQueues: number, polls: number): Promise<Driver> {
  const sessions: Session[] = [];
  for (let i = 0; i < taskQueues; i++) {
    const pollers = Math.max(1, Math.round(polls / taskQueues));
    const connections = Math.max(1, Math.round(CONNECTIONS / taskQueues));
    sessions.push(await Session.open({ address, workload: oneActivity, pollers, connections, sticky: true }));
  }
  return new SpreadDriver(sessions);
}
