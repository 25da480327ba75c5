// Options of a run that may change while it is open: versioning override and priority. Inside a decision.
// Source: ApplyWorkflowExecutionOptionsUpdatedEvent, service/history/workflow/mutable_state_impl.go, v1.31.

import { Priority } from '#proto/temporal/api/common/v1';
import { VersioningBehavior } from '#proto/temporal/api/enums/v1';
import { VersioningOverride } from '#proto/temporal/api/workflow/v1';
import { addActivityTask, addRetryTask } from './activity.ts';
import type { Workflow } from './workflow.ts';
import { clearStickyTaskQueue, dispatchAgain } from './workflow-task.ts';

export interface OptionsChange {
  readonly versioningOverride: VersioningOverride | undefined;
  readonly unsetVersioningOverride: boolean;
  readonly priority: Priority | undefined;
}

/** State and tasks after an options-updated event. */
export function applyOptions(workflow: Workflow, change: OptionsChange): void {
  const { state } = workflow;
  let reschedule = false;
  if (change.unsetVersioningOverride || change.versioningOverride !== undefined) {
    const before = describeOverride(state.versioningOverride);
    state.versioningOverride = change.unsetVersioningOverride ? undefined : change.versioningOverride;
    if (describeOverride(state.versioningOverride) !== before) {
      reschedule = true;
      clearStickyTaskQueue(workflow);
    }
    handActivitiesOverAgain(workflow);
  }
  if (change.priority !== undefined) {
    if (!samePriority(state.priority, change.priority)) reschedule = true;
    state.priority = change.priority;
  }
  if (reschedule && !state.paused) dispatchAgain(workflow);
}

export function sameOverride(a: VersioningOverride | undefined, b: VersioningOverride | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(VersioningOverride.encode(a), VersioningOverride.encode(b)) === 0;
}

export function samePriority(a: Priority | undefined, b: Priority | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(Priority.encode(a), Priority.encode(b)) === 0;
}

/** What an override makes of the run, whichever generation of its fields says so. */
function describeOverride(override: VersioningOverride | undefined): string {
  if (override === undefined) return '';
  if (override.autoUpgrade === true || override.behavior === VersioningBehavior.AUTO_UPGRADE) return 'auto-upgrade';
  const { version } = override.pinned ?? {};
  if (version !== undefined) return `pinned ${version.deploymentName} ${version.buildId}`;
  return `pinned ${override.pinnedVersion}`;
}

function handActivitiesOverAgain(workflow: Workflow): void {
  for (const activity of [...workflow.activities.values()]) {
    if (activity.startedEventId !== 0) continue;
    const next = { ...activity, stamp: activity.stamp + 1 };
    workflow.activities.put(activity.scheduledEventId, next);
    if (activity.paused || workflow.state.paused) continue;
    // Differs: an attempt that waits for its retry goes on waiting; v1.31 hands it over at once.
    if ((activity.scheduledTime ?? 0) > workflow.nowMs) addRetryTask(workflow, next);
    else addActivityTask(workflow, next);
  }
}
