// Snapshots of all threads as one page of Prometheus text. Loaded at the first scrape. Main loop.

import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import { bucketsOf } from './local-metrics.ts';
import type { Labels } from './metrics.ts';
import type { InstrumentSnapshot, MetricsSnapshot } from './metrics-snapshot.ts';

interface JsonValue {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
}

/** What prom-client's registries exchange between processes. */
interface JsonMetric {
  name: string;
  help: string;
  type: string;
  aggregator: 'sum';
  values: JsonValue[];
}

export class PrometheusText {
  /** Memory, CPU, event-loop lag and garbage collection of the process. */
  readonly #process = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#process });
  }

  get contentType(): string {
    return this.#process.contentType;
  }

  async render(snapshots: readonly MetricsSnapshot[]): Promise<string> {
    const families = snapshots.map((snapshot) => familiesOf(snapshot.instruments));
    // Counters and histograms of several threads add up; so do gauges, which are made per thread where a sum means nothing.
    const merged = AggregatorRegistry.aggregate(families as never);
    return `${await merged.metrics()}\n${await this.#process.metrics()}`;
  }
}

function familiesOf(instruments: readonly InstrumentSnapshot[]): JsonMetric[] {
  const families = new Map<string, JsonMetric>();
  for (const instrument of instruments) {
    const { name, help, kind } = instrument.definition;
    let family = families.get(name);
    if (family === undefined) {
      family = { name, help, type: kind, aggregator: 'sum', values: [] };
      families.set(name, family);
    }
    if (kind === 'histogram') addHistogram(family.values, instrument);
    else family.values.push({ value: instrument.value, labels: { ...instrument.labels }, metricName: name });
  }
  return [...families.values()];
}

/** Times leave in seconds, as Temporal's Prometheus reporter has them (tally's histograms; dashboards count on it). */
const MS_PER_SECOND = 1000;

function addHistogram(values: JsonValue[], { definition, labels, value, buckets = [] }: InstrumentSnapshot): void {
  const { name } = definition;
  const scale = definition.unit === undefined || definition.unit === 'ms' ? MS_PER_SECOND : 1;
  const bounds = bucketsOf(definition);
  let cumulative = 0;
  for (const [index, count] of buckets.entries()) {
    cumulative += count;
    const bound = bounds[index];
    const le = bound === undefined ? '+Inf' : bound / scale;
    values.push({ value: cumulative, labels: withBound(labels, le), metricName: `${name}_bucket` });
  }
  values.push({ value: value / scale, labels: { ...labels }, metricName: `${name}_sum` });
  values.push({ value: cumulative, labels: { ...labels }, metricName: `${name}_count` });
}

function withBound(labels: Labels, le: number | string): Record<string, string | number> {
  return { le, ...labels };
}
