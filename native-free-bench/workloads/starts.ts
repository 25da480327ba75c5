// Only starts: nobody works on them. What a burst of requests costs before any worker comes.

import { completeWorkflow } from './commands.ts';
import type { Workload } from './workload.ts';

export const startOnly: Workload = {
  name: 'start-only',
  about: 'starts that no worker takes',
  activities: false,
  workersFromTheStart: false,
  async operate(session, run) {
    await session.start(run);
    session.forget(run);
  },
  decide: () => ({ commands: [completeWorkflow()], closes: true }),
};
