// Field masks over temporal.api.workflow.v1.WorkflowExecutionOptions. Main loop.

import { invalidArgument } from '../../proto/service-errors.ts';

const PATHS: ReadonlySet<string> = new Set([
  'versioning_override',
  'versioning_override.auto_upgrade',
  'versioning_override.behavior',
  'versioning_override.deployment',
  'versioning_override.deployment.build_id',
  'versioning_override.deployment.series_name',
  'versioning_override.pinned',
  'versioning_override.pinned.behavior',
  'versioning_override.pinned.version',
  'versioning_override.pinned.version.build_id',
  'versioning_override.pinned.version.deployment_name',
  'versioning_override.pinned_version',
  'priority',
  'priority.fairness_key',
  'priority.fairness_weight',
  'priority.priority_key',
]);

export function checkOptionsPath(path: string): void {
  if (PATHS.has(path)) return;
  throw invalidArgument(
    `error parsing UpdateMask: proto: invalid path "${path}" for message "temporal.api.workflow.v1.WorkflowExecutionOptions"`,
  );
}
