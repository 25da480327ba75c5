// A thread's instruments at one moment, as the main loop merges them into /metrics. Survives structured clone.

import type { Labels, MetricDefinition } from './metrics.ts';

export interface InstrumentSnapshot {
  readonly definition: MetricDefinition;
  readonly labels: Labels;
  /** Counters and gauges: the value. Histograms: the sum. */
  readonly value: number;
  /** Histograms: observations per bucket (not cumulative), the last one beyond all bounds. */
  readonly buckets?: readonly number[];
}

export interface MetricsSnapshot {
  readonly thread: string;
  readonly instruments: readonly InstrumentSnapshot[];
}
