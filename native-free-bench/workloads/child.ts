// A workflow that starts a child, which completes at once, and completes after it.

import { EventType } from '#proto/temporal/api/enums/v1';
import { completeWorkflow, startChild } from './commands.ts';
import type { Workload } from './workload.ts';

const CHILD_SUFFIX = '-child';

export const child: Workload = {
  name: 'child',
  about: 'a child workflow that completes at once',
  activities: false,
  operate: (session, run) => session.startAndFinish(run),
  decide(run, _task, session) {
    if (run.workflowId.endsWith(CHILD_SUFFIX)) return { commands: [completeWorkflow()], closes: true };
    if (run.seen(EventType.CHILD_WORKFLOW_EXECUTION_COMPLETED) > 0) {
      run.figures.record('childRoundTrip', performance.now() - run.sentAtMs.get('child')!);
      return { commands: [completeWorkflow()], closes: true };
    }
    if (run.sentAtMs.has('child')) return { commands: [] }; // woken by the child's start
    run.sentAtMs.set('child', performance.now());
    return { commands: [startChild(run.workflowId + CHILD_SUFFIX, 'child', session.taskQueue)] };
  },
};
