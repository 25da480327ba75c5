// Scenarios of one activity: a workflow that schedules it, and the events around it.

import { scheduleActivity } from './commands.ts';
import type { Scenario } from './scenario.ts';

export const STARTED = [
  'WorkflowExecutionStarted',
  'WorkflowTaskScheduled',
  'WorkflowTaskStarted',
  'WorkflowTaskCompleted',
];
export const DONE = [
  'WorkflowTaskScheduled',
  'WorkflowTaskStarted',
  'WorkflowTaskCompleted',
  'WorkflowExecutionCompleted',
] as const;
export const NO_RETRY = { maximumAttempts: 1 };

type ActivityAttributes = Parameters<typeof scheduleActivity>[1];

/** Starts a workflow whose first task schedules one activity. */
export async function withActivity(s: Scenario, attributes: ActivityAttributes = {}) {
  const execution = await s.start();
  await s.next(scheduleActivity(s.taskQueue, attributes));
  return execution;
}

export async function pendingActivity(s: Scenario, execution: { workflowId: string; runId: string }) {
  return (await s.describe(execution)).pendingActivities?.[0];
}
