// When a closed execution goes for good: at the end of its namespace's retention, spread so that a burst is not deleted as one.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { RETENTION_TIMER_JITTER } from './limits.ts';
import type { WorkflowEnvironment } from './workflow/environment.ts';
import { spread } from './workflow/spread.ts';

/** Retention of a namespace that says none (Temporal: common.DefaultWorkflowRetention 1 day; ours 2 days for new namespaces). */
const FALLBACK_RETENTION_MS = 86_400_000;

export function retentionEndMs(
  environment: WorkflowEnvironment,
  namespace: NamespaceRecord,
  closeTimeMs: number,
): number {
  const jitterMs = Math.trunc(environment.config.get(RETENTION_TIMER_JITTER) * spread(environment));
  return closeTimeMs + (namespace.retention ?? FALLBACK_RETENTION_MS) + jitterMs;
}
