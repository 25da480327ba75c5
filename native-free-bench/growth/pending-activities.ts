// Does a workflow with many pending activities pay for those that do not change? An operation completes one of them; the workflow
// task that follows schedules another, and a worker takes it.

import { type Driver, Failures } from '../load/driver.ts';
import { type LatencySink, UNMEASURED } from '../load/figures.ts';
import type { Run } from '../load/run.ts';
import { Session } from '../load/session.ts';
import { type ActivityTimeouts, activityCommand } from '../workloads/commands.ts';
import { sendSignal, startIdle } from '../workloads/messages.ts';
import type { Decision } from '../workloads/workload.ts';

export const PENDING_IN_FLIGHT = 4;
/** A run takes one operation at a time, and ends after 8,500 of them: its history may have 51,200 events. */
const RUNS = 12;
/** In one answer of a worker: what fits the first window of a stream. */
const SCHEDULED_AT_ONCE = 100;
const DAY_MS = 86_400_000;
/** What is pending stays so while the benchmark runs. */
const TIMEOUTS: ActivityTimeouts = { scheduleToCloseTimeout: DAY_MS, startToCloseTimeout: DAY_MS };

/** A run that keeps `width` activities pending, all of them started. */
class WideRun {
  readonly run: Run;
  readonly #width: number;
  readonly tokens: Uint8Array[] = [];
  scheduled = 0;
  completed = 0;
  #onToken: (() => void) | undefined;

  constructor(run: Run, width: number) {
    this.run = run;
    this.#width = width;
  }

  get isWide(): boolean {
    return this.scheduled - this.completed >= this.#width;
  }

  decide(taskQueue: string): Decision {
    const count = Math.min(SCHEDULED_AT_ONCE, this.#width + this.completed - this.scheduled);
    const commands = Array.from({ length: count }, () =>
      activityCommand(taskQueue, String(++this.scheduled), TIMEOUTS),
    );
    return { commands };
  }

  add(token: Uint8Array): void {
    this.tokens.push(token);
    this.#onToken?.();
    this.#onToken = undefined;
  }

  nextToken(): Promise<void> {
    return new Promise((resolve) => {
      this.#onToken = resolve;
    });
  }
}

class PendingDriver implements Driver {
  readonly failures = new Failures();
  readonly #session: Session;
  readonly #idle: WideRun[];

  constructor(session: Session, runs: readonly WideRun[]) {
    this.#session = session;
    this.#idle = [...runs];
  }

  async operate(intendedAtMs: number, figures: LatencySink): Promise<void> {
    const wide = this.#idle.shift();
    if (wide === undefined) throw new Error('more operations than runs');
    const replaced = wide.nextToken();
    wide.completed++;
    await this.#session.completeActivity(wide.tokens.shift()!);
    await replaced;
    figures.record('endToEnd', performance.now() - intendedAtMs);
    this.#idle.push(wide);
  }

  close(): void {
    this.#session.close();
  }
}

export async function openPendingDriver(address: string, width: number): Promise<Driver> {
  const wideRuns = new Map<string, WideRun>();
  const session: Session = await Session.open({
    address,
    workload: {
      name: 'pending-activities',
      about: 'one of many pending activities completes, another is scheduled',
      activities: true,
      operate: async () => {},
      onActivity: (task) => wideRuns.get(task.workflowExecution?.workflowId ?? '')?.add(task.taskToken),
      decide: (run) => wideRuns.get(run.workflowId)?.decide(session.taskQueue) ?? { commands: [] },
    },
    pollers: 5,
    connections: 2,
    sticky: true,
  });
  for (let i = 0; i < RUNS; i++) {
    const wide = new WideRun(session.newRun(performance.now(), UNMEASURED), width);
    wideRuns.set(wide.run.workflowId, wide);
    await startIdle(session, wide.run);
    while (!wide.isWide) {
      const answered = wide.run.wait();
      await sendSignal(session, wide.run, 'more');
      await answered;
    }
    while (wide.tokens.length < width) await wide.nextToken();
  }
  return new PendingDriver(session, [...wideRuns.values()]);
}
