// Activities that the worker which completes a workflow task runs itself: started in the same decision, handed over in the answer.

import { startActivity } from '../workflow/activity.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { composeEagerActivityTask } from './record-activity-task-started.ts';

/** Inside the completing decision. Activities that the same commands cancelled, or whose run ended, are left out. */
export function startEagerActivities(
  workflow: Workflow,
  scheduledEventIds: readonly number[],
  identity: string,
): Uint8Array[] {
  if (!workflow.isRunning) return [];
  const answers: Uint8Array[] = [];
  for (const scheduledEventId of scheduledEventIds) {
    const activity = workflow.activities.get(scheduledEventId);
    if (activity === undefined) continue;
    const started = startActivity(workflow, activity, { requestId: workflow.environment.newId(), identity });
    answers.push(composeEagerActivityTask(workflow, started));
  }
  return answers;
}
