// The frontend's metric definitions, with Temporal's names and labels (common/metrics/metric_defs.go, v1.31). Main loop.

import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from '../metrics/metrics.ts';

const SERVICE_REQUESTS: MetricDefinition = {
  name: 'service_requests',
  help: 'RPCs received.',
  kind: 'counter',
};
const SERVICE_PENDING_REQUESTS: MetricDefinition = {
  name: 'service_pending_requests',
  help: 'Waiting calls in progress.',
  kind: 'gauge',
};
const SERVICE_LATENCY: MetricDefinition = {
  name: 'service_latency',
  help: 'Time from an RPC to its answer.',
  kind: 'histogram',
  unit: 'ms',
};
const SERVICE_ERRORS: MetricDefinition = {
  name: 'service_errors',
  help: 'RPCs that failed for reasons of the server.',
  kind: 'counter',
};
const SERVICE_ERROR_WITH_TYPE: MetricDefinition = {
  name: 'service_error_with_type',
  help: 'RPCs that failed, by error type.',
  kind: 'counter',
};
const SERVICE_ERRORS_RESOURCE_EXHAUSTED: MetricDefinition = {
  name: 'service_errors_resource_exhausted',
  help: 'RPCs that a limit refused, by cause.',
  kind: 'counter',
};
const EVENT_BLOB_SIZE: MetricDefinition = {
  name: 'event_blob_size',
  help: 'Size of payloads in requests.',
  kind: 'histogram',
  unit: 'bytes',
};
const BLOB_SIZE_ERROR: MetricDefinition = {
  name: 'blob_size_error',
  help: 'Requests whose payloads exceeded the limit.',
  kind: 'counter',
};

/** The instruments of one method in one namespace. */
export interface RpcInstruments {
  readonly requests: Counter;
  readonly latency: Histogram;
  readonly errors: Counter;
  readonly pending: Gauge;
  readonly blobSize: Histogram;
  readonly blobSizeErrors: Counter;
  errorWithType(errorType: string): Counter;
  resourceExhausted(cause: string, scope: string): Counter;
}

export function rpcInstruments(metrics: Metrics, operation: string, namespace: string): RpcInstruments {
  const labels: Labels = { service_name: 'frontend', operation, namespace };
  return {
    requests: metrics.counter(SERVICE_REQUESTS, labels),
    latency: metrics.histogram(SERVICE_LATENCY, labels),
    errors: metrics.counter(SERVICE_ERRORS, labels),
    pending: metrics.gauge(SERVICE_PENDING_REQUESTS, labels),
    blobSize: metrics.histogram(EVENT_BLOB_SIZE, labels),
    blobSizeErrors: metrics.counter(BLOB_SIZE_ERROR, labels),
    errorWithType: (errorType) => metrics.counter(SERVICE_ERROR_WITH_TYPE, { ...labels, error_type: errorType }),
    resourceExhausted: (cause, scope) =>
      metrics.counter(SERVICE_ERRORS_RESOURCE_EXHAUSTED, {
        ...labels,
        resource_exhausted_cause: cause,
        resource_exhausted_scope: scope,
      }),
  };
}
