// Workflows of activities: one, ten in sequence, a hundred in parallel.

import { EventType } from '#proto/temporal/api/enums/v1';
import type { Run } from '../load/run.ts';
import type { Session } from '../load/session.ts';
import { completeWorkflow, scheduleActivity } from './commands.ts';
import type { Decision, Workload } from './workload.ts';

/** `total` activities, `together` of them at a time. */
function activities(name: string, about: string, total: number, together: number): Workload {
  return {
    name,
    about,
    activities: true,
    operate: (session, run) => session.startAndFinish(run),
    decide(run: Run, _task, session: Session): Decision {
      const done = run.seen(EventType.ACTIVITY_TASK_COMPLETED);
      if (done === total) return { commands: [completeWorkflow()], closes: true };
      const scheduled = run.sentAtMs.size;
      const commands = [];
      for (let i = scheduled; i < Math.min(total, done + together); i++) {
        commands.push(scheduleActivity(run, session.taskQueue, String(i + 1)));
      }
      return { commands };
    },
  };
}

export const oneActivity = activities('one-activity', 'a workflow with one activity: seven calls', 1, 1);
export const tenInSequence = activities('ten-in-sequence', 'ten activities, one after the other', 10, 1);
export const hundredInParallel = activities('hundred-in-parallel', '100 activities at the same time', 100, 100);
