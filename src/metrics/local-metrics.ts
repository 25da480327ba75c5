// Cheap instruments: plain numbers in the thread that counts, read out as a snapshot when somebody scrapes. Every thread has
// one; the main loop merges the snapshots (merged-metrics.ts).

import { randomUUID } from 'node:crypto';
import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from './metrics.ts';
import type { KnownInstruments, MetricsSnapshot } from './metrics-snapshot.ts';

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
  /** The sum, then observations per bucket. */
  readonly numbers: Float64Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.numbers = new Float64Array(numbersOf(bounds));
  }

  record(value: number): void {
    const { bounds, numbers } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    numbers[bucket + 1]!++;
    numbers[0]! += value;
  }

  /** Observations are not negative: those that leave the sum at 0 are in the first bucket. */
  get isUsed(): boolean {
    return this.numbers[0] !== 0 || this.numbers[1] !== 0;
  }
}

/** Numbers of a histogram in a snapshot: its sum, its buckets, and one beyond all bounds. */
export function numbersOf(bounds: readonly number[]): number {
  return bounds.length + 2;
}

interface Series<T> {
  readonly definition: MetricDefinition;
  readonly labels: Labels;
  readonly instrument: T;
}

export class LocalMetrics implements Metrics {
  readonly #thread: string;
  readonly #life = randomUUID();
  readonly #values = new Map<string, Map<string, Series<LocalValue>>>();
  readonly #histograms = new Map<string, Map<string, Series<LocalHistogram>>>();
  /** As snapshots have them. */
  readonly #shown: Series<LocalValue | LocalHistogram>[] = [];
  #shownNumbers = 0;
  /** Not to be seen before their first observation, as in Temporal: twenty lines of nothing each. */
  #unused: Series<LocalHistogram>[] = [];
  readonly #samplers: (() => void)[] = [];

  constructor(thread: string) {
    this.#thread = thread;
  }

  counter(definition: MetricDefinition, labels: Labels = {}): Counter {
    return this.#value(definition, labels);
  }

  gauge(definition: MetricDefinition, labels: Labels = {}): Gauge {
    return this.#value(definition, labels);
  }

  histogram(definition: MetricDefinition, labels: Labels = {}): Histogram {
    const create = () => new LocalHistogram(bucketsOf(definition));
    return lookUp(this.#histograms, definition, labels, create, (series) => this.#unused.push(series));
  }

  /** Called before each snapshot, to bring gauges up to date. */
  beforeSnapshot(sampler: () => void): void {
    this.#samplers.push(sampler);
  }

  snapshot(known?: KnownInstruments): MetricsSnapshot {
    for (const sampler of this.#samplers) sampler();
    this.#showUsed();
    const values = new Float64Array(this.#shownNumbers);
    let at = 0;
    for (const { instrument } of this.#shown) {
      if (instrument instanceof LocalValue) {
        values[at++] = instrument.value;
      } else {
        values.set(instrument.numbers, at);
        at += instrument.numbers.length;
      }
    }
    const knownCount = known?.life === this.#life ? known.count : 0;
    const added = this.#shown.slice(knownCount).map(({ definition, labels }) => ({ definition, labels }));
    return { thread: this.#thread, life: this.#life, known: knownCount, added, values };
  }

  #value(definition: MetricDefinition, labels: Labels): LocalValue {
    return lookUp(
      this.#values,
      definition,
      labels,
      () => new LocalValue(),
      (series) => this.#show(series, 1),
    );
  }

  #showUsed(): void {
    const used = this.#unused.filter(({ instrument }) => instrument.isUsed);
    if (used.length === 0) return;
    this.#unused = this.#unused.filter(({ instrument }) => !instrument.isUsed);
    for (const series of used) this.#show(series, series.instrument.numbers.length);
  }

  #show(series: Series<LocalValue | LocalHistogram>, numbers: number): void {
    this.#shown.push(series);
    this.#shownNumbers += numbers;
  }
}

function lookUp<T>(
  families: Map<string, Map<string, Series<T>>>,
  definition: MetricDefinition,
  labels: Labels,
  create: () => T,
  created: (series: Series<T>) => void,
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
  if (family.size < MAX_SERIES_PER_METRIC) {
    const series = { definition, labels, instrument };
    family.set(key, series);
    created(series);
  }
  return instrument;
}
