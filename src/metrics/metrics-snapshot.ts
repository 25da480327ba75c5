// A thread's instruments at one moment, as the main loop merges them into /metrics. Survives structured clone. Names and labels travel once:
// whoever asks says what it knows, and otherwise gets numbers alone, so that a scrape costs neither thread more than reading them.

import type { Labels, MetricDefinition } from './metrics.ts';

export interface InstrumentDescription {
  readonly definition: MetricDefinition;
  readonly labels: Labels;
}

/** What a reader has been told of a thread. */
export interface KnownInstruments {
  /** Tells a thread from the one that was restarted in its place. */
  readonly life: string;
  readonly count: number;
}

export interface MetricsSnapshot {
  readonly thread: string;
  readonly life: string;
  /** Instruments that `added` leaves out, because the reader knows them. */
  readonly known: number;
  readonly added: readonly InstrumentDescription[];
  /** Of all instruments, one after the other. Counters and gauges: the value. Histograms: the sum, then observations per bucket (not cumulative). */
  readonly values: Float64Array;
}
