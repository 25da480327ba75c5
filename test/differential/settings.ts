// The dynamic configuration that both servers of the differential suite run with.

import { DYNAMIC_CONFIG } from '../end-to-end/harness/dynamic-config.ts';

export const SETTINGS: Readonly<Record<string, unknown>> = {
  ...DYNAMIC_CONFIG,
  // No program waits for this, and a slow machine would.
  'history.workflowTaskHeartbeatTimeout': '600s',
  // Off by default in Temporal 1.31, whose own are not yet those of 1.32.
  'activity.enableStandalone': false,
  // Off by default in both.
  'frontend.WorkflowPauseEnabled': true,
};

/** For programs about activities without a workflow, and a Temporal 1.32. */
export const ACTIVITY_SETTINGS: Readonly<Record<string, unknown>> = { ...SETTINGS, 'activity.enableStandalone': true };
