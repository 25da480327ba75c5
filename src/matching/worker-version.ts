// Tells apart workers of different versions, by what their polls say. Matching thread.

import type { WorkerVersionCapabilities } from '#proto/temporal/api/common/v1';
import type { WorkerDeploymentOptions } from '#proto/temporal/api/deployment/v1';

/** Empty for a worker that says nothing of a version, which is the rule. */
export function workerVersionOf(
  capabilities: WorkerVersionCapabilities | undefined,
  deployment: WorkerDeploymentOptions | undefined,
): string {
  if (capabilities === undefined && deployment === undefined) return '';
  const parts = [capabilities?.buildId, deployment?.deploymentName, deployment?.buildId];
  return parts.map((part) => part ?? '').join('\n');
}
