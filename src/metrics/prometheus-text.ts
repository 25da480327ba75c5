// Snapshots of all threads as Prometheus text, in pieces: a server with many task queues has megabytes of it, and whoever waits for the main
// loop would wait until all of them are made. Loaded at the first scrape. Main loop.

import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MergedMetrics, MetricFamily } from './merged-metrics.ts';

/** Made in a fraction of a millisecond. */
const PIECE_CHARACTERS = 32 * 1024;
/** Times leave in seconds, as Temporal's Prometheus reporter has them (tally's histograms; dashboards count on it). */
const MS_PER_SECOND = 1000;

export class PrometheusText {
  /** Memory, CPU, event-loop lag and garbage collection of the process. */
  readonly #process = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#process });
  }

  get contentType(): string {
    return this.#process.contentType;
  }

  /** `numbers`: what `metrics.sum()` has answered. The loop goes round between two pieces. */
  async *pieces(metrics: MergedMetrics, numbers: Float64Array): AsyncGenerator<string, void, void> {
    let piece = '';
    for (const family of metrics.families.values()) {
      for (const lines of linesOf(family, numbers)) {
        piece += lines;
        if (piece.length < PIECE_CHARACTERS) continue;
        yield piece;
        piece = '';
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    yield piece;
    yield await this.#process.metrics();
  }
}

/** The family's head, then the lines of each series. */
function* linesOf({ definition, bounds, series }: MetricFamily, numbers: Float64Array): Generator<string, void, void> {
  const { name, help, kind, unit } = definition;
  yield `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${kind}\n`;
  const scale = unit === undefined || unit === 'ms' ? MS_PER_SECOND : 1;
  const heads = [...bounds.map((bound) => String(bound / scale)), '+Inf'].map((le) => `${name}_bucket{le="${le}"`);
  for (const { labels, at } of series.values()) {
    const braced = labels === '' ? '' : `{${labels}}`;
    if (kind !== 'histogram') {
      yield `${name}${braced} ${numbers[at]}\n`;
      continue;
    }
    const tail = labels === '' ? '} ' : `,${labels}} `;
    let lines = '';
    let cumulative = 0;
    for (let bucket = 0; bucket < heads.length; bucket++) {
      cumulative += numbers[at + 1 + bucket]!;
      lines += heads[bucket]! + tail + cumulative + '\n';
    }
    yield `${lines}${name}_sum${braced} ${numbers[at]! / scale}\n${name}_count${braced} ${cumulative}\n`;
  }
}
