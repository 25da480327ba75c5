// Does a long history make the next change dearer? An operation is a signal and the workflow task that it brings: four events.

import { type Driver, Failures } from '../load/driver.ts';
import { type LatencySink, UNMEASURED } from '../load/figures.ts';
import type { Run } from '../load/run.ts';
import { Session } from '../load/session.ts';
import { sendSignal, startIdle } from '../workloads/messages.ts';
import type { Workload } from '../workloads/workload.ts';

/** A run takes one operation at a time. */
export const APPENDS_IN_FLIGHT = 4;
/** Short histories grow too: as many runs share the operations. */
const SHORT_RUNS = 400;
/** While a history is made long. */
const SIGNALS_AT_A_TIME = 50;
const NAME = 'append';

class AppendDriver implements Driver {
  readonly failures = new Failures();
  readonly #session: Session;
  readonly #idle: Run[];

  constructor(session: Session, runs: readonly Run[]) {
    this.#session = session;
    this.#idle = [...runs];
  }

  async operate(intendedAtMs: number, figures: LatencySink): Promise<void> {
    const run = this.#idle.shift();
    if (run === undefined) throw new Error('more operations than runs');
    const answered = run.wait();
    await sendSignal(this.#session, run, 'more');
    await answered;
    figures.record('signalToTask', performance.now() - intendedAtMs);
    this.#idle.push(run);
  }

  close(): void {
    this.#session.close();
  }
}

/** Runs with at least as many events. */
export async function openAppendDriver(address: string, events: number): Promise<Driver> {
  const workload: Workload = {
    name: NAME,
    about: 'signals to an open workflow',
    activities: false,
    operate: async () => {},
    decide: () => ({ commands: [] }),
  };
  const session = await Session.open({ address, workload, pollers: 5, connections: 2, sticky: true });
  const short = events <= SIGNALS_AT_A_TIME;
  const runs: Run[] = [];
  for (let i = 0; i < (short ? SHORT_RUNS : APPENDS_IN_FLIGHT); i++) {
    const run = session.newRun(performance.now(), UNMEASURED);
    await startIdle(session, run);
    while (run.seenEvents < events) await lengthen(session, run, short ? 1 : SIGNALS_AT_A_TIME);
    runs.push(run);
  }
  return new AppendDriver(session, runs);
}

async function lengthen(session: Session, run: Run, signals: number): Promise<void> {
  const answered = run.wait();
  await Promise.all(Array.from({ length: signals }, () => sendSignal(session, run, 'more')));
  await answered;
}
