// A timer of 100 ms: what counts is how late its workflow task comes.

import { EventType } from '#proto/temporal/api/enums/v1';
import { completeWorkflow, startTimer } from './commands.ts';
import type { Workload } from './workload.ts';

const TIMER_MS = 100;

export const timer: Workload = {
  name: 'timer',
  about: `a timer of ${TIMER_MS} ms, then complete`,
  activities: false,
  operate: (session, run) => session.startAndFinish(run),
  decide(run) {
    const now = performance.now();
    if (run.seen(EventType.TIMER_FIRED) === 0) {
      run.sentAtMs.set('timer', now);
      return { commands: [startTimer('1', TIMER_MS)] };
    }
    run.figures.record('timerLateness', now - run.sentAtMs.get('timer')! - TIMER_MS);
    return { commands: [completeWorkflow()], closes: true };
  },
};
