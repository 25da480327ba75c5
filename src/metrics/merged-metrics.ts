// What all threads have told of their instruments, series of the same name and labels put together. Main loop.

import { bucketsOf, numbersOf } from './local-metrics.ts';
import type { Labels, MetricDefinition } from './metrics.ts';
import type { KnownInstruments, MetricsSnapshot } from './metrics-snapshot.ts';

/** A metric with its series. */
export interface MetricFamily {
  readonly definition: MetricDefinition;
  /** Upper ends of a histogram's buckets, in the definition's unit; none for other kinds. */
  readonly bounds: readonly number[];
  /** Of each of its series. */
  readonly numbers: number;
  /** By their labels as text, `name="value"` with commas, '' for none. */
  readonly series: Map<string, MetricSeries>;
}

export interface MetricSeries {
  readonly labels: string;
  /** Where its numbers are in what sum() answers. */
  readonly at: number;
  readonly numbers: number;
}

interface KnownThread {
  readonly life: string;
  /** Of each instrument, in order. */
  readonly series: MetricSeries[];
  /** As it answered last. */
  values: Float64Array;
}

export class MergedMetrics {
  readonly families = new Map<string, MetricFamily>();
  readonly #threads = new Map<string, KnownThread>();
  #numbers = 0;

  /** What need not be told again. */
  knownOf(thread: string): KnownInstruments | undefined {
    const known = this.#threads.get(thread);
    return known && { life: known.life, count: known.series.length };
  }

  /**
   * The numbers of all series at the moment of these snapshots. A thread that has not answered stands at its last answer: a counter that goes
   * back is taken for one that began anew. Counters and histograms of several threads add up; so do gauges, which are made per thread
   * where a sum means nothing.
   */
  sum(snapshots: readonly MetricsSnapshot[]): Float64Array {
    for (const snapshot of snapshots) this.#learn(snapshot);
    const sums = new Float64Array(this.#numbers);
    for (const { series, values } of this.#threads.values()) {
      let from = 0;
      // An answer that was overtaken by a later one knows fewer.
      for (const { at, numbers } of series) {
        if (from === values.length) break;
        for (let number = 0; number < numbers; number++) sums[at + number]! += values[from++]!;
      }
    }
    return sums;
  }

  #learn({ thread, life, known, added, values }: MetricsSnapshot): void {
    let told = this.#threads.get(thread);
    if (told?.life !== life) {
      // The thread has been restarted, and this is a late answer to another scrape, from its former life: it names only what was new then.
      if (known > 0) return;
      told = { life, series: [], values };
      this.#threads.set(thread, told);
    }
    told.values = values;
    // Another scrape at the same time may have been told the same.
    const isNew = added.slice(told.series.length - known);
    const texts = new Map<Labels, string>(); // instruments made together share their labels
    for (const { definition, labels } of isNew) {
      let text = texts.get(labels);
      if (text === undefined) {
        text = labelsText(labels);
        texts.set(labels, text);
      }
      told.series.push(this.#series(this.#family(definition), text));
    }
  }

  #family(definition: MetricDefinition): MetricFamily {
    const { name, kind } = definition;
    let family = this.families.get(name);
    if (family === undefined) {
      const bounds = kind === 'histogram' ? bucketsOf(definition) : [];
      const numbers = kind === 'histogram' ? numbersOf(bounds) : 1;
      family = { definition, bounds, numbers, series: new Map() };
      this.families.set(name, family);
    }
    return family;
  }

  #series({ series: known, numbers }: MetricFamily, labels: string): MetricSeries {
    let series = known.get(labels);
    if (series === undefined) {
      series = { labels, at: this.#numbers, numbers };
      this.#numbers += numbers;
      known.set(labels, series);
    }
    return series;
  }
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function labelsText(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}="${labels[name]?.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`)
    .join(',');
}
