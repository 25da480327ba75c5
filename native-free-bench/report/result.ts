// What one server reached with one workload at one load: its rounds put together. This is also the shape of the JSON report.

import { FIGURES, type FigureName, Figures } from '../load/figures.ts';
import type { Round } from '../load/loops.ts';

export interface LatencyResult {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** [percentile, ms]: the curve. */
  readonly curve: readonly (readonly [number, number])[];
}

export interface Result {
  readonly server: string;
  readonly workload: string;
  readonly load: string;
  readonly rounds: number;
  readonly operations: number;
  readonly unfinished: number;
  readonly errors: number;
  /** Median of the rounds, and all of them. */
  readonly perSecond: number;
  readonly perSecondOfRounds: readonly number[];
  readonly cpuUsPerOperation: number | undefined;
  readonly cpuUsPerOperationByThread: Readonly<Record<string, number>>;
  readonly databaseCpuUsPerOperation: number | undefined;
  readonly databaseCommitsPerOperation: number | undefined;
  readonly storeCallsPerOperation: number | undefined;
  /** Cores, for loads that are not operations. */
  readonly cores: number | undefined;
  readonly rssBytes: number | undefined;
  readonly storedBytesPerOperation: number | undefined;
  readonly latencies: Readonly<Partial<Record<FigureName, LatencyResult>>>;
}

const CURVE = [0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 98, 99, 99.5, 99.9, 99.95, 99.99, 100];

/** A thread that used less than this per operation is left out of the table by thread. */
const SMALL_CPU_US = 0.5;

export function summarise(
  about: { server: string; workload: string; load: string; errors: number },
  rounds: readonly Round[],
): Result {
  const figures = new Figures();
  for (const round of rounds) figures.add(round.figures);
  const operations = sum(rounds.map((round) => round.operations));
  const seconds = sum(rounds.map((round) => round.seconds));
  const per = (total: number | undefined): number | undefined =>
    total === undefined || operations === 0 ? undefined : total / operations;
  const threads = new Map<string, number>();
  for (const { before, after } of rounds) {
    for (const [name, cpuUs] of after.cpuUsByThread) {
      threads.set(name, (threads.get(name) ?? 0) + cpuUs - (before.cpuUsByThread.get(name) ?? 0));
    }
  }
  // Of one core each, where there are no operations.
  const shares = operations === 0 ? seconds : operations;
  const cpuUs = threads.size === 0 ? undefined : sum([...threads.values()]);
  const perSecondOfRounds = rounds.map((round) => round.operations / round.seconds);
  return {
    ...about,
    rounds: rounds.length,
    operations,
    unfinished: sum(rounds.map((round) => round.unfinished)),
    perSecond: median(perSecondOfRounds),
    perSecondOfRounds,
    cpuUsPerOperation: per(cpuUs),
    cpuUsPerOperationByThread: Object.fromEntries(
      [...threads]
        .map(([name, us]) => [name, us / shares] as const)
        .filter(([, us]) => us >= SMALL_CPU_US)
        .sort(([, a], [, b]) => b - a),
    ),
    databaseCpuUsPerOperation: per(difference(rounds, 'databaseCpuUs')),
    databaseCommitsPerOperation: per(difference(rounds, 'databaseCommits')),
    storeCallsPerOperation: per(difference(rounds, 'storeCalls')),
    cores: cpuUs === undefined ? undefined : cpuUs / 1e6 / seconds,
    rssBytes: rounds.at(-1)?.after.rssBytes,
    storedBytesPerOperation: per(difference(rounds, 'storedBytes')),
    latencies: Object.fromEntries(
      (Object.keys(FIGURES) as FigureName[])
        .filter((name) => figures.histograms.has(name))
        .map((name) => [name, latency(figures, name)]),
    ),
  };
}

function latency(figures: Figures, name: FigureName): LatencyResult {
  const histogram = figures.histograms.get(name)!;
  // A percentile is the end of its bucket, which may lie beyond what was measured.
  const at = (percentile: number): number =>
    Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) / 1000;
  return {
    count: histogram.totalCount,
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: histogram.maxValue / 1000,
    curve: CURVE.map((percentile) => [percentile, at(percentile)] as const),
  };
}

function difference(
  rounds: readonly Round[],
  of: 'databaseCpuUs' | 'databaseCommits' | 'storedBytes' | 'storeCalls',
): number | undefined {
  const parts = rounds.map(({ before, after }) =>
    before[of] === undefined || after[of] === undefined ? undefined : after[of] - before[of],
  );
  return parts.includes(undefined) ? undefined : sum(parts as number[]);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
