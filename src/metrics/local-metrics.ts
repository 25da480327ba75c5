// Cheap instruments: plain numbers in the thread that counts, read out as a snapshot when somebody scrapes. Every thread has
// one; the main loop merges the snapshots (prometheus-exposition.ts).

import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from './metrics.ts';
import type { InstrumentSnapshot, MetricsSnapshot } from './metrics-snapshot.ts';

/** Temporal's default boundaries in milliseconds (common/metrics/config.go, defaultPerUnitHistogramBoundaries, v1.31). */
const MS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000]; // biome-ignore format: one row

/** Powers of two from 1 KiB to 256 MiB: sizes (Temporal's `By` boundaries). */
const BYTES_BUCKETS = [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304, 8388608, 16777216]; // biome-ignore format: one row

/** Dimensionless (Temporal's `1`). */
const COUNT_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]; // biome-ignore format: one row

/** Combinations of labels of one metric before further ones are dropped: a label must never carry ids. */
const MAX_SERIES_PER_METRIC = 10_000;

export function bucketsOf(definition: MetricDefinition): readonly number[] {
  if (definition.unit === 'bytes') return BYTES_BUCKETS;
  if (definition.unit === 'count') return COUNT_BUCKETS;
  return MS_BUCKETS;
}

class LocalValue implements Counter, Gauge {
  value = 0;
  add(count = 1): void {
    this.value += count;
  }
  set(value: number): void {
    this.value = value;
  }
}

class LocalHistogram implements Histogram {
  readonly bounds: readonly number[];
  readonly buckets: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.buckets = new Float64Array(bounds.length + 1);
  }

  record(value: number): void {
    const { bounds, buckets } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    buckets[bucket]!++;
    this.sum += value;
  }
}

interface Series<T> {
  readonly definition: MetricDefinition;
  readonly labels: Labels;
  readonly instrument: T;
}

export class LocalMetrics implements Metrics {
  readonly #thread: string;
  readonly #values = new Map<string, Map<string, Series<LocalValue>>>();
  readonly #histograms = new Map<string, Map<string, Series<LocalHistogram>>>();
  readonly #samplers: (() => void)[] = [];

  constructor(thread: string) {
    this.#thread = thread;
  }

  counter(definition: MetricDefinition, labels: Labels = {}): Counter {
    return lookUp(this.#values, definition, labels, () => new LocalValue());
  }

  gauge(definition: MetricDefinition, labels: Labels = {}): Gauge {
    return lookUp(this.#values, definition, labels, () => new LocalValue());
  }

  histogram(definition: MetricDefinition, labels: Labels = {}): Histogram {
    return lookUp(this.#histograms, definition, labels, () => new LocalHistogram(bucketsOf(definition)));
  }

  /** Called before each snapshot, to bring gauges up to date. */
  beforeSnapshot(sampler: () => void): void {
    this.#samplers.push(sampler);
  }

  snapshot(): MetricsSnapshot {
    for (const sampler of this.#samplers) sampler();
    const instruments: InstrumentSnapshot[] = [];
    for (const family of this.#values.values()) {
      for (const { definition, labels, instrument } of family.values()) {
        instruments.push({ definition, labels, value: instrument.value });
      }
    }
    for (const family of this.#histograms.values()) {
      for (const { definition, labels, instrument } of family.values()) {
        instruments.push({ definition, labels, value: instrument.sum, buckets: [...instrument.buckets] });
      }
    }
    return { thread: this.#thread, instruments };
  }
}

function lookUp<T>(
  families: Map<string, Map<string, Series<T>>>,
  definition: MetricDefinition,
  labels: Labels,
  create: () => T,
): T {
  let family = families.get(definition.name);
  if (family === undefined) {
    family = new Map();
    families.set(definition.name, family);
  }
  const names = Object.keys(labels);
  const key = names.length === 0 ? '' : JSON.stringify(names.sort().map((name) => [name, labels[name]]));
  const existing = family.get(key);
  if (existing !== undefined) return existing.instrument;
  const instrument = create();
  // Beyond the limit the instrument works but nobody sees it: memory stays bounded by what its owner keeps.
  if (family.size < MAX_SERIES_PER_METRIC) family.set(key, { definition, labels, instrument });
  return instrument;
}
