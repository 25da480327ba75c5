// Which versioning overrides a start or an operator may give a run (worker_versioning.ValidateVersioningOverride, v1.31.2).

import { VersioningBehavior } from '#proto/temporal/api/enums/v1';
import type { VersioningOverride } from '#proto/temporal/api/workflow/v1';
import { failedPrecondition, invalidArgument } from '../proto/service-errors.ts';

/** Throws Temporal's refusal. No task queue has worker deployment versions, so no version can be pinned to. */
export function checkVersioningOverride(taskQueue: string, override: VersioningOverride | undefined): void {
  if (override === undefined || override.autoUpgrade === true) return;
  const notThere = (version: string) =>
    failedPrecondition(`Pinned version '${version}' is not present in task queue '${taskQueue}' of type 'Workflow'`);
  if (override.pinned !== undefined) {
    const { version, behavior } = override.pinned;
    if (version === undefined) throw invalidArgument('must provide version if override is pinned.');
    if (behavior === 0) throw invalidArgument('must specify pinned override behavior if override is pinned.');
    throw notThere(`${version.deploymentName}:${version.buildId}`);
  }
  switch (override.behavior) {
    case VersioningBehavior.PINNED:
      if (override.deployment === undefined && override.pinnedVersion === '') {
        throw invalidArgument("must provide deployment (deprecated) or pinned version if behavior is 'PINNED'");
      }
      throw notThere(
        override.pinnedVersion.replace('.', ':') ||
          `${override.deployment?.seriesName ?? ''}:${override.deployment?.buildId ?? ''}`,
      );
    case VersioningBehavior.AUTO_UPGRADE:
      if (override.deployment !== undefined) throw invalidArgument("only provide deployment if behavior is 'PINNED'");
      if (override.pinnedVersion !== '') throw invalidArgument("only provide pinned version if behavior is 'PINNED'");
      return;
    case VersioningBehavior.UNSPECIFIED:
      throw invalidArgument('override behavior is required');
    default:
      throw invalidArgument(`override behavior ${override.behavior} not recognized`);
  }
}
