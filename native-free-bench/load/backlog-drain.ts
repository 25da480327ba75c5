// Backlog: many workflows are started while no worker is there; then workers arrive, and each task is completed. What counts is
// how fast they go from then on, and what a task costs.

import type { ServerMeter } from '../measure/server-meter.ts';
import { Figures, UNMEASURED } from './figures.ts';
import type { Round } from './loops.ts';
import type { Run } from './run.ts';
import type { Session } from './session.ts';

/** Starts under way while the backlog is built. */
const STARTS_IN_FLIGHT = 200;

export async function drainBacklog(session: Session, meter: ServerMeter, tasks: number): Promise<Round> {
  const figures = new Figures();
  const runs: Run[] = [];
  let started = 0;
  const build = async (): Promise<void> => {
    while (started++ < tasks) {
      const run = session.newRun(performance.now(), UNMEASURED);
      runs.push(run);
      await session.start(run);
    }
  };
  await Promise.all(Array.from({ length: STARTS_IN_FLIGHT }, build));
  const before = await meter.read();
  const beganMs = performance.now();
  let lastMs = beganMs;
  session.startWorkers();
  await Promise.all(
    runs.map(async (run) => {
      await run.closed;
      const now = performance.now();
      figures.record('backlogPause', now - lastMs);
      lastMs = now;
      session.forget(run);
    }),
  );
  const after = await meter.read();
  const seconds = (performance.now() - beganMs) / 1000;
  return { seconds, operations: runs.length, figures, before, after, unfinished: 0 };
}
