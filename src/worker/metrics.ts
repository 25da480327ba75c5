// Metrics of the worker thread's services, with Temporal's names (common/metrics/metric_defs.go, v1.31).

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Clock } from '../runtime/clock.ts';

const REQUESTS = {
  name: 'visibility_persistence_requests',
  help: 'Calls to the visibility store.',
  kind: 'counter',
} as const;
const ERRORS = {
  name: 'visibility_persistence_errors',
  help: 'Calls to the visibility store that failed.',
  kind: 'counter',
} as const;
const LATENCY = {
  name: 'visibility_persistence_latency',
  help: 'Time of a call to the visibility store.',
  kind: 'histogram',
  unit: 'ms',
} as const;
const SKIPPED_ATTRIBUTES = {
  name: 'visibility_skipped_search_attributes',
  help: 'Search attributes that executions carry and their namespace does not define.',
  kind: 'counter',
} as const;

export type VisibilityOperation =
  | 'RecordVisibility'
  | 'ListWorkflowExecutions'
  | 'CountWorkflowExecutions'
  | 'DeleteNamespace';

/** Runs a store call and counts it. */
export type MeasureVisibility = <T>(operation: VisibilityOperation, run: () => MaybePromise<T>) => Promise<T>;

export function createVisibilityMeter(metrics: Metrics, clock: Clock, store: string): MeasureVisibility {
  const instruments = (operation: VisibilityOperation) => {
    const labels = { operation, visibility_plugin_name: store };
    return {
      requests: metrics.counter(REQUESTS, labels),
      errors: metrics.counter(ERRORS, labels),
      latency: metrics.histogram(LATENCY, labels),
    };
  };
  const byOperation: Readonly<Record<VisibilityOperation, ReturnType<typeof instruments>>> = {
    RecordVisibility: instruments('RecordVisibility'),
    ListWorkflowExecutions: instruments('ListWorkflowExecutions'),
    CountWorkflowExecutions: instruments('CountWorkflowExecutions'),
    DeleteNamespace: instruments('DeleteNamespace'),
  };
  return async (operation, run) => {
    const { requests, errors, latency } = byOperation[operation];
    const startMs = clock.nowMs();
    requests.add();
    try {
      return await run();
    } catch (error) {
      errors.add();
      throw error;
    } finally {
      latency.record(clock.nowMs() - startMs);
    }
  };
}

export const skippedAttributesCounter = (metrics: Metrics) => metrics.counter(SKIPPED_ATTRIBUTES);
