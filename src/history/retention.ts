// When a closed execution goes for good: at the end of its namespace's retention, spread so that a burst is not deleted as one.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { RETENTION_TIMER_JITTER } from './limits.ts';
import type { WorkflowEnvironment } from './workflow/environment.ts';
import { spreadOf } from './workflow/spread.ts';

/** Retention of a namespace that says none (Temporal: common.DefaultWorkflowRetention 1 day; ours 2 days for new namespaces). */
const FALLBACK_RETENTION_MS = 86_400_000;
/** Executions that close within this time go together: the timers of a commit's closes then lie side by side in the store, not on a page each. */
const TOGETHER_MS = 64;

export function retentionEndMs(
  environment: WorkflowEnvironment,
  namespace: NamespaceRecord,
  closeTimeMs: number,
): number {
  const spread = spreadOf(Math.floor(closeTimeMs / TOGETHER_MS));
  const jitterMs = Math.trunc(environment.config.get(RETENTION_TIMER_JITTER) * spread);
  return closeTimeMs + (namespace.retention ?? FALLBACK_RETENTION_MS) + jitterMs;
}
