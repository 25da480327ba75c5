// What a scrape of /metrics costs: how long the thread that counts and the main loop are held, for 100 task queues of four partitions each
// way, a tenth of which have had tasks. `node native-free-bench/micro/metrics-scrape/metrics-scrape.ts`

import { partitionMetrics } from '../../../src/matching/metrics.ts';
import { LocalMetrics } from '../../../src/metrics/local-metrics.ts';
import { MergedMetrics } from '../../../src/metrics/merged-metrics.ts';
import { PrometheusText } from '../../../src/metrics/prometheus-text.ts';

const PARTITIONS = 800;
const SCRAPES = 10;

const matching = new LocalMetrics('matching');
const partitions = Array.from({ length: PARTITIONS }, (_, index) =>
  partitionMetrics(matching, {
    namespace: 'default',
    taskqueue: `queue-${index >> 3}`,
    task_type: index & 1 ? 'Activity' : 'Workflow',
    partition: String((index >> 1) & 3),
  }),
);
for (const [index, partition] of partitions.entries()) {
  partition.pollSuccess.add(index);
  if (index % 10 === 0) partition.pollLatency.record(index);
}

const text = new PrometheusText();
const merged = new MergedMetrics();
console.log(['', 'snapshot', 'message', 'sum', 'text', 'longest', 'KiB', 'lines'].join('\t'));
for (let scrape = 1; scrape <= SCRAPES; scrape++) {
  const marks = [performance.now()];
  const mark = () => void marks.push(performance.now());
  const snapshot = matching.snapshot(merged.knownOf('matching'));
  mark();
  const received = structuredClone(snapshot);
  mark();
  const numbers = merged.sum([received]);
  mark();
  let [longestMs, beganMs, characters, lines] = [0, performance.now(), 0, 0];
  for await (const piece of text.pieces(merged, numbers)) {
    characters += piece.length;
    lines += piece.split('\n').length - 1;
    longestMs = Math.max(longestMs, performance.now() - beganMs);
    await new Promise((resolve) => setImmediate(resolve));
    beganMs = performance.now();
  }
  mark();
  const spans = marks.slice(1).map((at, index) => (at - marks[index]!).toFixed(2));
  console.log([`scrape ${scrape}`, ...spans, longestMs.toFixed(2), characters >> 10, lines].join('\t'));
}
process.exit(); // the process metrics have a timer
