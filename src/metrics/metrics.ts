// The metric mechanism as its users see it. Definitions live with their owners, in one file per folder (`metrics.ts`), with
// Temporal's names where Temporal has one. Values of other threads reach the main loop's /metrics as snapshots.

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(count?: number): void;
}
export interface Gauge {
  set(value: number): void;
}
export interface Histogram {
  /** Latencies in milliseconds, sizes in bytes, as the definition says. */
  record(value: number): void;
}

export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit?: 'ms' | 'bytes' | 'count';
}

/** Instruments are looked up once and kept: a lookup per event would cost more than the event. */
export interface Metrics {
  counter(definition: MetricDefinition, labels?: Labels): Counter;
  gauge(definition: MetricDefinition, labels?: Labels): Gauge;
  histogram(definition: MetricDefinition, labels?: Labels): Histogram;
}

const nothing = { add() {}, set() {}, record() {} };

/** For tests and tools. */
export const noMetrics: Metrics = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };
