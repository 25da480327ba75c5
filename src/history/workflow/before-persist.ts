// Rules that hold at the end of every written decision, in this order: the run's size limits, the event buffer's limit, then the
// speculative workflow task, which exists in the store only as a normal one. Called by Workflow for the shard.

import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { MAX_BUFFERED_EVENTS, MAX_BUFFERED_EVENTS_BYTES } from '../limits.ts';
import { checkRunSize } from './run-size.ts';
import type { DecisionRules, Workflow } from './workflow.ts';
import { ensureWorkflowTask, failWorkflowTask, makeSpeculativeTaskNormal } from './workflow-task.ts';

const IDENTITY = 'history-service';

/** What a run follows in every decision. */
export const DECISION_RULES: DecisionRules = {
  beforePersist,
  // Temporal gives such events their ids last, behind the scheduled event of the task that becomes a normal one.
  beforeOutsideEvent: (workflow) => {
    if (!workflow.hasStartedWorkflowTask) makeSpeculativeTaskNormal(workflow);
  },
};

function beforePersist(workflow: Workflow): void {
  if (!workflow.isRunning) return;
  checkRunSize(workflow);
  const { config } = workflow.environment;
  const { events } = workflow;
  const tooMuch =
    events.bufferedCount > config.get(MAX_BUFFERED_EVENTS) ||
    events.bufferedSizeBytes > config.get(MAX_BUFFERED_EVENTS_BYTES);
  if (tooMuch && workflow.hasStartedWorkflowTask) {
    failWorkflowTask(workflow, { cause: WorkflowTaskFailedCause.FORCE_CLOSE_COMMAND, identity: IDENTITY });
    ensureWorkflowTask(workflow);
  }
  makeSpeculativeTaskNormal(workflow);
}
