// `node native-free-bench/soak.ts [--minutes 10] [--in-flight 64]`: one of our servers at full load on the embedded store, and
// after each minute its throughput, latency, memory, the longest stall of its main loop, what it stores, and the CPU of a workflow by thread, so
// that a decline shows whose it is. Exits with 1 if memory keeps growing.

import { Command } from 'commander';
import { FIGURES } from './load/figures.ts';
import { delay, type Round, runLoop } from './load/loops.ts';
import { Session } from './load/session.ts';
import { readUsage } from './measure/process-usage.ts';
import { ServerMeter } from './measure/server-meter.ts';
import { startOstinato } from './peers/ostinato.ts';
import { exitOnSignals } from './peers/peer.ts';
import { summarise } from './report/result.ts';
import { oneActivity } from './workloads/activities.ts';

const SCRAPE_INTERVAL_MS = 5000;
const MIB = 1024 * 1024;
/** Between the median of the minutes after warming up and the last minute. */
const ALLOWED_GROWTH = 1.15;
const WARM_UP_MINUTES = 2;
/** Of the server, the dearest first. */
const SHOWN_THREADS = 5;

interface Minute {
  /** What is left after collection, at most: the least of the minute's readings, summed over the threads. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly longestStallMs: number;
}

/** Reads `/metrics` every few seconds for as long as `running` does. */
async function watch(url: string, pid: number, running: Promise<unknown>): Promise<Minute> {
  let done = false;
  const end = (): void => {
    done = true;
  };
  running.then(end, end);
  const leastHeap = new Map<string, number>();
  let longestStallMs = 0;
  while (!done) {
    await Promise.race([delay(SCRAPE_INTERVAL_MS), running.catch(() => {})]);
    const text = await (await fetch(url)).text();
    for (const [, thread = '', value] of text.matchAll(/^ostinato_thread_heap_bytes\{thread="([^"]+)"\} (\S+)$/gm)) {
      leastHeap.set(thread, Math.min(Number(value), leastHeap.get(thread) ?? Number.POSITIVE_INFINITY));
    }
    const stall = /^ostinato_main_loop_longest_stall_seconds(?:\{.*\})? (\S+)$/m.exec(text);
    if (stall === null) throw new Error(`${url} does not tell the longest stall`);
    longestStallMs = Math.max(longestStallMs, Number(stall[1]) * 1000);
  }
  const heapBytes = [...leastHeap.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { heapBytes, rssBytes: readUsage(pid)?.rssBytes ?? 0, longestStallMs };
}

function line(minute: string, round: Round, { heapBytes, rssBytes, longestStallMs }: Minute): string {
  const about = { server: 'soak', workload: oneActivity.name, load: `minute ${minute}`, errors: 0 };
  const { perSecond, cpuUsPerOperation, cpuUsPerOperationByThread } = summarise(about, [round]);
  const scheduleToStart = round.figures.histograms.get('activityScheduleToStart');
  const columns = [
    minute,
    perSecond.toFixed(0),
    (cpuUsPerOperation ?? 0).toFixed(0),
    ...[50, 99].map((percentile) => ((scheduleToStart?.getValueAtPercentile(percentile) ?? 0) / 1000).toFixed(1)),
    (heapBytes / MIB).toFixed(1),
    (rssBytes / MIB).toFixed(0),
    longestStallMs.toFixed(1),
    ((round.after.storedBytes ?? 0) / MIB).toFixed(0),
  ];
  const threads = Object.entries(cpuUsPerOperationByThread).slice(0, SHOWN_THREADS);
  const byThread = threads.map(([thread, us]) => `${thread} ${us.toFixed(0)}`).join(', ');
  return `${columns.map((column) => column.padStart(11)).join(' ')}  ${byThread}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

interface Flags {
  readonly minutes: number;
  readonly inFlight: number;
}

async function soak({ minutes, inFlight }: Flags): Promise<void> {
  exitOnSignals();
  const server = await startOstinato({ name: 'soak', postgres: undefined });
  const meter = new ServerMeter(server);
  const session = await Session.open({
    address: server.address,
    workload: oneActivity,
    pollers: 50,
    connections: 4,
    sticky: true,
  });
  try {
    const headers = [
      'minute',
      'workflows/s',
      'CPU us each',
      'p50 ms',
      'p99 ms',
      'heap MiB',
      'RSS MiB',
      'stall ms',
      'stored MiB',
    ];
    process.stdout.write(
      `${oneActivity.about}, ${inFlight} in flight; p50 and p99 of "${FIGURES.activityScheduleToStart}"\n`,
    );
    process.stdout.write(`${headers.map((header) => header.padStart(11)).join(' ')}\n`);
    const seen: Minute[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      const round = runLoop(session, meter, { inFlight, rate: undefined, warmUpMs: 0, measureMs: 60_000 });
      const [figures, state] = await Promise.all([round, watch(server.metricsUrl!, server.pid!, round)]);
      seen.push(state);
      process.stdout.write(`${line(String(minute), figures, state)}\n`);
    }
    for (const error of session.failures.messages) process.stdout.write(`${error}\n`);
    process.stdout.write(`${session.failures.count} errors\n`);
    const settled = seen.slice(WARM_UP_MINUTES);
    const last = settled.at(-1);
    if (last === undefined) return;
    const heapGrowth = last.heapBytes / median(settled.map(({ heapBytes }) => heapBytes));
    const rssGrowth = last.rssBytes / median(settled.map(({ rssBytes }) => rssBytes));
    process.stdout.write(`last minute to median: heap ${heapGrowth.toFixed(2)}, RSS ${rssGrowth.toFixed(2)}\n`);
    if (heapGrowth > ALLOWED_GROWTH || rssGrowth > ALLOWED_GROWTH) process.exitCode = 1;
  } finally {
    session.close();
    await server.stop();
  }
}

await new Command('soak')
  .option('--minutes <count>', 'how long', Number, 10)
  .option('--in-flight <count>', 'workflows at a time', Number, 64)
  .action(soak)
  .parseAsync(process.argv);
process.exit();
