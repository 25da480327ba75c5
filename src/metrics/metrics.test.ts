// From instruments of several threads to the text that Prometheus reads.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LocalMetrics } from './local-metrics.ts';
import { MergedMetrics } from './merged-metrics.ts';
import type { MetricDefinition } from './metrics.ts';
import { PrometheusText } from './prometheus-text.ts';

const REQUESTS: MetricDefinition = { name: 'requests', help: 'Calls.', kind: 'counter', unit: 'count' };
const WAITING: MetricDefinition = { name: 'waiting', help: 'One \\ two\nthree', kind: 'gauge' };
const LATENCY: MetricDefinition = { name: 'latency', help: 'How long.', kind: 'histogram', unit: 'ms' };
const SIZE: MetricDefinition = { name: 'size', help: 'How large.', kind: 'histogram', unit: 'bytes' };

/** One for all tests: what it says of the process cannot be collected twice. */
const prometheus = new PrometheusText();

class Scraper {
  readonly merged = new MergedMetrics();

  /** The lines about our own metrics; each thread answers what the scraper does not know. */
  async scrape(...threads: (readonly [name: string, metrics: LocalMetrics])[]): Promise<readonly string[]> {
    const snapshots = threads.map(([name, metrics]) => metrics.snapshot(this.merged.knownOf(name)));
    const [first = ''] = await Array.fromAsync(prometheus.pieces(this.merged, this.merged.sum(snapshots)));
    return first.split('\n').filter((line) => line !== '');
  }
}

describe('metrics', () => {
  test('of several threads add up, each with its labels', async () => {
    const [one, two] = [new LocalMetrics('one'), new LocalMetrics('two')];
    one.counter(REQUESTS, { operation: 'Start', namespace: 'a' }).add(2);
    two.counter(REQUESTS, { namespace: 'a', operation: 'Start' }).add(3);
    two.counter(REQUESTS, { namespace: 'b', operation: 'Start' }).add();
    one.gauge(WAITING).set(7);
    two.gauge(WAITING).set(1.5);
    assert.deepEqual(await new Scraper().scrape(['one', one], ['two', two]), [
      '# HELP requests Calls.',
      '# TYPE requests counter',
      'requests{namespace="a",operation="Start"} 5',
      'requests{namespace="b",operation="Start"} 1',
      '# HELP waiting One \\\\ two\\nthree',
      '# TYPE waiting gauge',
      'waiting 8.5',
    ]);
  });

  test('that are histograms count upwards, times in seconds, sizes in bytes', async () => {
    const thread = new LocalMetrics('thread');
    const latency = thread.histogram(LATENCY, { operation: 'Start' });
    for (const ms of [0, 1, 3, 2_000_000]) latency.record(ms);
    thread.histogram(SIZE).record(1500);
    const lines = await new Scraper().scrape(['thread', thread]);
    assert.deepEqual(
      lines.filter((line) => /le="(0.001|0.002|0.005|1000|\+Inf)"|latency_(sum|count)/.test(line)),
      [
        'latency_bucket{le="0.001",operation="Start"} 2',
        'latency_bucket{le="0.002",operation="Start"} 2',
        'latency_bucket{le="0.005",operation="Start"} 3',
        'latency_bucket{le="1000",operation="Start"} 3',
        'latency_bucket{le="+Inf",operation="Start"} 4',
        'latency_sum{operation="Start"} 2000.004',
        'latency_count{operation="Start"} 4',
        'size_bucket{le="+Inf"} 1',
      ],
    );
    assert.ok(lines.includes('size_bucket{le="1024"} 0') && lines.includes('size_bucket{le="2048"} 1'));
    assert.ok(lines.includes('size_sum 1500') && lines.includes('size_count 1'));
  });

  test('that are histograms show themselves with the first observation, also one of 0', async () => {
    const thread = new LocalMetrics('thread');
    const scraper = new Scraper();
    const latency = thread.histogram(LATENCY);
    assert.deepEqual(await scraper.scrape(['thread', thread]), []);
    latency.record(0);
    assert.ok((await scraper.scrape(['thread', thread])).includes('latency_count 1'));
  });

  test('escape what labels may hold', async () => {
    const thread = new LocalMetrics('thread');
    thread.counter(REQUESTS, { taskqueue: 'a "b" \\c\nd, e="f"' }).add();
    const [, , line] = await new Scraper().scrape(['thread', thread]);
    assert.equal(line, 'requests{taskqueue="a \\"b\\" \\\\c\\nd, e=\\"f\\""} 1');
  });

  test('are described once; a thread that was restarted describes itself anew', async () => {
    const scraper = new Scraper();
    const before = new LocalMetrics('thread');
    before.counter(REQUESTS).add(4);
    await scraper.scrape(['thread', before]);
    assert.deepEqual(before.snapshot(scraper.merged.knownOf('thread')).added, []);
    before.gauge(WAITING).set(2);
    assert.equal(before.snapshot(scraper.merged.knownOf('thread')).added.length, 1);
    const after = new LocalMetrics('thread');
    after.gauge(WAITING).set(3);
    after.counter(REQUESTS).add(1);
    const lines = await scraper.scrape(['thread', after]);
    assert.ok(lines.includes('requests 1') && lines.includes('waiting 3'), lines.join('\n'));
  });

  test('of two scrapes at the same time are described to both', () => {
    const merged = new MergedMetrics();
    const thread = new LocalMetrics('thread');
    const requests = thread.counter(REQUESTS);
    const first = thread.snapshot(merged.knownOf('thread'));
    thread.gauge(WAITING).set(1);
    requests.add(5);
    const second = thread.snapshot(merged.knownOf('thread'));
    assert.deepEqual([...merged.sum([first])], [0]);
    assert.deepEqual([...merged.sum([second])], [5, 1]);
  });

  test('that come late from the former life of a thread are left out', () => {
    const merged = new MergedMetrics();
    const before = new LocalMetrics('thread');
    before.counter(REQUESTS).add(4);
    merged.sum([before.snapshot(merged.knownOf('thread'))]);
    before.gauge(WAITING).set(2);
    const late = before.snapshot(merged.knownOf('thread'));
    const after = new LocalMetrics('thread');
    after.counter(REQUESTS).add(1);
    assert.deepEqual([...merged.sum([after.snapshot(merged.knownOf('thread'))])], [1]);
    assert.deepEqual([...merged.sum([late])], [1]);
    after.gauge(WAITING).set(3);
    assert.deepEqual([...merged.sum([after.snapshot(merged.knownOf('thread'))])], [1, 3]);
  });

  test('of a thread that does not answer stay where they were', async () => {
    const scraper = new Scraper();
    const [one, two] = [new LocalMetrics('one'), new LocalMetrics('two')];
    for (const thread of [one, two]) thread.counter(REQUESTS).add(4);
    await scraper.scrape(['one', one], ['two', two]);
    one.counter(REQUESTS).add();
    assert.ok((await scraper.scrape(['one', one])).includes('requests 9'));
  });

  test('of many series leave in pieces, and the loop goes round in between', async () => {
    const thread = new LocalMetrics('thread');
    for (let queue = 0; queue < 5_000; queue++) thread.counter(REQUESTS, { taskqueue: `queue-${queue}` }).add(queue);
    const merged = new MergedMetrics();
    let turns = 0;
    const turn = () => {
      turns++;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    const pieces = await Array.fromAsync(prometheus.pieces(merged, merged.sum([thread.snapshot()])));
    clearImmediate(immediate);
    assert.equal(pieces.join('').match(/^requests\{/gm)?.length, 5_000);
    assert.ok(pieces.length > 4 && turns >= pieces.length - 2, `${pieces.length} pieces, ${turns} turns`);
  });
});
